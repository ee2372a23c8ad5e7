import { randomBytes } from 'node:crypto'
import { bearerMetadata, openClient } from '@parley/grpc-kit'
import { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'

/** Two people who are each other's contacts. */
export interface Couple {
  readonly sender: chat.Credentials
  readonly receiver: chat.Credentials
}

/** Couples that are being made at once: each costs the server two hashes of a password. */
const atOnce = 4

/** Registers people in pairs and makes them contacts, through the relay's own calls. */
export async function registerCouples(address: string, count: number): Promise<Couple[]> {
  const accounts = openClient(chat.AccountsClient, address)
  const contacts = openClient(chat.ContactsClient, address)
  const couples: Couple[] = []
  const one = async (index: number) => {
    const sender = await register(accounts.call, `sender${index}`)
    const receiver = await register(accounts.call, `receiver${index}`)
    await befriend(contacts.call, sender, receiver)
    couples[index] = { sender, receiver }
  }
  const indices = Array.from({ length: count }, (_, index) => index).values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const index of indices) await one(index)
    }),
  )
  accounts.close()
  contacts.close()
  return couples
}

/** A new id of a call or a message. */
export function newId(): Buffer {
  return Buffer.from(uuidv7(systemScheduler))
}

type AccountCalls = ReturnType<typeof openClient<chat.AccountsClient>>['call']
type ContactCalls = ReturnType<typeof openClient<chat.ContactsClient>>['call']

async function register(calls: AccountCalls, name: string): Promise<chat.Credentials> {
  const answer = await calls.register({
    requestId: newId(),
    name,
    password: randomBytes(12).toString('base64url'),
    deviceName: 'bench',
    invitationCode: '',
    deviceId: Buffer.alloc(0),
  })
  if (answer.credentials === undefined) throw new Error('registered without credentials')
  return answer.credentials
}

async function befriend(calls: ContactCalls, one: chat.Credentials, other: chat.Credentials) {
  const asked = { requestId: newId(), userId: other.userId, text: '' }
  await calls.request(asked, { metadata: bearerMetadata(one.accessToken) })
  const answered = { requestId: newId(), userId: one.userId, accept: true }
  await calls.answer(answered, { metadata: bearerMetadata(other.accessToken) })
}
