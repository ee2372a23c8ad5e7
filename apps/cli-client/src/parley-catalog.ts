import type { CatalogEntry } from './catalog.ts'
import type { Cli } from './cli.ts'

/** The commands of `parley`, in the order of its help. */
export const parleyCatalog: readonly CatalogEntry<Cli>[] = [
  {
    name: 'register',
    summary: 'Make an account and log in',
    load: () => import('./commands/register.ts'),
  },
  { name: 'login', summary: 'Log this device in', load: () => import('./commands/login.ts') },
  {
    name: 'logout',
    summary: 'End the login of this device',
    load: () => import('./commands/logout.ts'),
  },
  {
    name: 'whoami',
    summary: 'Show who is logged in here',
    load: () => import('./commands/whoami.ts'),
  },
  { name: 'passwd', summary: 'Change the password', load: () => import('./commands/passwd.ts') },
  {
    name: 'devices',
    summary: 'List your devices, or end the login of one',
    bare: 'list',
    load: () => import('./commands/devices.ts'),
  },
  {
    name: 'users',
    summary: 'Find users by the beginning of their name',
    load: () => import('./commands/users.ts'),
  },
  { name: 'online', summary: 'Show who is online', load: () => import('./commands/online.ts') },
  {
    name: 'profile',
    summary: 'Show a profile, or change your own',
    load: () => import('./commands/profile.ts'),
  },
  {
    name: 'friends',
    summary: 'List, add, answer, remove and block friends',
    bare: 'list',
    load: () => import('./commands/friends.ts'),
  },
  {
    name: 'groups',
    summary: 'List, create and change groups',
    bare: 'list',
    load: () => import('./commands/groups.ts'),
  },
  {
    name: 'inbox',
    summary: 'Show conversations, requests and invitations',
    load: () => import('./commands/inbox.ts'),
  },
  { name: 'send', summary: 'Send a message', load: () => import('./commands/send.ts') },
  { name: 'send-file', summary: 'Send files', load: () => import('./commands/send-file.ts') },
  { name: 'send-image', summary: 'Send images', load: () => import('./commands/send-image.ts') },
  {
    name: 'send-sticker',
    summary: 'Send an image as a sticker',
    load: () => import('./commands/send-sticker.ts'),
  },
  {
    name: 'send-voice',
    summary: 'Send a voice message',
    load: () => import('./commands/send-voice.ts'),
  },
  { name: 'send-video', summary: 'Send a video', load: () => import('./commands/send-video.ts') },
  {
    name: 'send-face',
    summary: 'Send a face by its name',
    load: () => import('./commands/send-face.ts'),
  },
  {
    name: 'forward',
    summary: 'Send an entry on to somebody else',
    load: () => import('./commands/forward.ts'),
  },
  {
    name: 'edit',
    summary: 'Change the words of a message of yours',
    load: () => import('./commands/edit.ts'),
  },
  { name: 'recall', summary: 'Take a message back', load: () => import('./commands/recall.ts') },
  { name: 'nudge', summary: 'Nudge somebody', load: () => import('./commands/nudge.ts') },
  {
    name: 'read',
    summary: 'Mark a conversation as read',
    load: () => import('./commands/read.ts'),
  },
  {
    name: 'get',
    summary: 'Download the file or image of an entry',
    load: () => import('./commands/get.ts'),
  },
  {
    name: 'show',
    summary: 'Show an entry, and its image where the terminal can',
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'get-picture',
    summary: 'Download the picture of somebody or of a group',
    load: () => import('./commands/get-picture.ts'),
  },
  { name: 'history', summary: 'Show what was said', load: () => import('./commands/history.ts') },
  {
    name: 'search',
    summary: 'Find messages by their words',
    load: () => import('./commands/search.ts'),
  },
  {
    name: 'outbox',
    summary: 'List, retry or cancel messages that wait here',
    bare: 'list',
    load: () => import('./commands/outbox.ts'),
  },
  {
    name: 'watch',
    summary: 'Print events as they come',
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'upgrade',
    summary: 'Look for a later version, and fetch it',
    load: () => import('./commands/upgrade.ts'),
  },
  { name: 'chat', summary: 'Chat line by line', load: () => import('./commands/chat.ts') },
  {
    name: 'lan',
    summary: 'Chat within this network, without any server',
    bare: 'list',
    load: () => import('./commands/lan.ts'),
  },
]
