import { chat, common } from '@parley/proto'
import { createLogger } from '@parley/service-kit'
import { onTestFinished } from 'vitest'
import { bidi, grpcService, openClient, startGrpcServer, unary } from './index.ts'
import type { BidiHandler, CallSettings, GrpcServerOptions, UnaryHandler } from './index.ts'

type List = UnaryHandler<common.SigningKeysListRequest, common.SigningKeysListResponse>
type History = UnaryHandler<chat.ListMessagesRequest, chat.ListMessagesResponse>
type Connect = BidiHandler<chat.ConnectRequest, chat.ConnectResponse>

/** The handlers of a test's server; what a test does not name answers emptily. */
export interface Handlers {
  readonly list?: List
  readonly listMessages?: History
  readonly connect?: Connect
}

const noMessages = chat.ListMessagesResponse.create()
const unused = () => Promise.reject(new Error('not part of this test'))

/** A real server on a free port with three real services, and how to reach them. */
export async function setup(handlers: Handlers = {}, options: Partial<GrpcServerOptions> = {}) {
  const lines: unknown[] = []
  const log = createLogger('test', 'trace', { write: (line) => lines.push(JSON.parse(line)) })
  const ctx = { log }
  const services = [
    grpcService(common.SigningKeysService, {
      list: unary(ctx, handlers.list ?? (() => ({ jwks: '{}' }))),
    }),
    grpcService(chat.HistoryService, {
      listMessages: unary(ctx, handlers.listMessages ?? (() => noMessages)),
      listConversations: unary(ctx, unused),
      search: unary(ctx, unused),
    }),
    grpcService(chat.ChatService, { connect: bidi(ctx, handlers.connect ?? unused) }),
  ]
  const server = await startGrpcServer({ host: '127.0.0.1', port: 0, services, ...options })
  onTestFinished(() => server.close())
  const open = (settings: CallSettings = {}) => ({
    keys: opened(openClient(common.SigningKeysClient, server.address, settings)),
    history: opened(openClient(chat.HistoryClient, server.address, settings)),
    chat: opened(openClient(chat.ChatClient, server.address, settings)),
  })
  return { server, lines, open, ctx }
}

function opened<T extends { close(): void }>(client: T): T {
  onTestFinished(() => client.close())
  return client
}
