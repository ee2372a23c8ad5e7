import { chat } from '@parley/proto'
import type { Caller, CallOptions, RequestOf } from './caller.ts'
import type { UnaryMethod } from './unary.ts'

type CallOf<Method> =
  Method extends UnaryMethod<infer Req, infer Res>
    ? (request?: RequestOf<Req>, options?: CallOptions) => Promise<Res>
    : never

/** A service's unary methods as promises: see proto/parley/chat/v1 for what each one does. */
type CallsOf<Service> = { readonly [Name in keyof Service]: CallOf<Service[Name]> }

/**
 * Everything that is a question. Fields left out are empty, request ids are made and kept over
 * retries, ids are the 16 bytes of `idBytes`; failures are `AppError`s with the server's reason.
 */
export interface Calls {
  readonly accounts: CallsOf<typeof chat.AccountsService>
  readonly contacts: CallsOf<typeof chat.ContactsService>
  readonly groups: CallsOf<typeof chat.GroupsService>
  readonly history: CallsOf<typeof chat.HistoryService>
  readonly attachments: CallsOf<typeof chat.AttachmentsService>
  readonly upgrades: CallsOf<typeof chat.UpgradesService>
}

/** All calls, made by this caller. */
export function callsOf(caller: Caller): Calls {
  return {
    accounts: serviceCalls(caller, chat.AccountsService),
    contacts: serviceCalls(caller, chat.ContactsService),
    groups: serviceCalls(caller, chat.GroupsService),
    history: serviceCalls(caller, chat.HistoryService),
    attachments: serviceCalls(caller, chat.AttachmentsService),
    upgrades: serviceCalls(caller, chat.UpgradesService),
  }
}

function serviceCalls<Service extends object>(caller: Caller, service: Service): CallsOf<Service> {
  const methods = Object.entries(service) as [string, UnaryMethod<object, object>][]
  const calls = methods.map(([name, method]) => [
    name,
    (request: object = {}, options: CallOptions = {}) => caller.call(method, request, options),
  ])
  return Object.fromEntries(calls) as CallsOf<Service>
}
