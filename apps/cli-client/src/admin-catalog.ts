import type { AdminCli } from './admin-cli.ts'
import type { CatalogEntry } from './catalog.ts'

/** The commands of `parley-admin`, in the order of its help. */
export const adminCatalog: readonly CatalogEntry<AdminCli>[] = [
  { name: 'users', summary: 'List accounts', load: () => import('./admin/users.ts') },
  {
    name: 'invite-code',
    summary: 'Make an invitation code',
    load: () => import('./admin/invite-code.ts'),
  },
  {
    name: 'disable',
    summary: 'Disable or enable an account',
    load: () => import('./admin/disable.ts'),
  },
  {
    name: 'reset-password',
    summary: 'Set a new password',
    load: () => import('./admin/reset-password.ts'),
  },
  { name: 'sessions', summary: 'List chat sessions', load: () => import('./admin/sessions.ts') },
  {
    name: 'upgrade-key',
    summary: 'Make a key to sign client packages with',
    load: () => import('./admin/upgrade-key.ts'),
  },
  {
    name: 'publish-upgrade',
    summary: 'Publish a client package',
    load: () => import('./admin/publish-upgrade.ts'),
  },
  {
    name: 'migrate-store',
    summary: "Move a relay's database from SQLite to MariaDB",
    load: () => import('./admin/migrate-store.ts'),
  },
]
