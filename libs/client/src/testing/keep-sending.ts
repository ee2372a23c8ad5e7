import { connect } from '../session/chat-session.ts'
import { openHome } from '../state/home.ts'

// Sends without end from the home, to the server and conversation named by the arguments, and
// tells its parent of each message that was accepted, until it is killed.
const [, , folder = '', server = '', conversationId = '', name = ''] = process.argv
const state = await openHome(folder)
const client = connect({ servers: [server], state, transient: true })
for (let index = 0; ; index += 1) {
  const words = `${name}-${index}`
  const content = { content: { $case: 'text' as const, value: { text: words } } }
  const sending = client.send({ conversationId }, content)
  void sending.then(() => process.send?.(words))
  if (index % 20 === 19) await sending
}
