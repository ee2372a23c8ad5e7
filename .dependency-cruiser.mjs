/** Which part may import which. Run by `npm run lint:boundaries`. */
const tests =
  '\\.test\\.ts$|contract\\.ts$|\\.fixture\\.ts$|/src/(testing|simulation)/|^libs/testkit/|^test/|^bench/'

export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-do-not-import-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-do-not-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|test|bench)/' },
    },
    {
      name: 'parts-are-entered-by-their-index',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      // The testkit has a second one, for programs that no test runner runs; the contract one with JSON,
      // which would cost everybody else its start.
      to: {
        path: '^libs/',
        pathNot:
          '^$1/$2/|^libs/[^/]+/src/index\\.ts$|^libs/testkit/src/mariadb/index|^libs/proto/src/json\\.ts$',
      },
    },
    {
      name: 'what-tests-need-is-for-tests',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: '^libs/testkit/|/src/testing/|\\.fixture\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      comment: 'No I/O, no clock, no randomness, no framework.',
      severity: 'error',
      from: { path: '/domain/', pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          '^(node:)?(fs|net|http|http2|https|tls|dgram|dns|child_process|worker_threads|cluster|timers|os)(/|$)',
          '(^|/)node_modules/(@grpc|@nats-io|pino|better-sqlite3|kysely|fastify|sharp)(/|$)',
        ],
      },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'require', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
    preserveSymlinks: false,
  },
}
