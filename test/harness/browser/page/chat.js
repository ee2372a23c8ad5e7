// Chat as a page would do it: fetch for calls, a WebSocket for the stream, JSON in both, and no library.
// It notes what it is told as it is told, and neither sorts nor drops anything, so that it covers up for nobody.
;(() => {
  const relay = new URLSearchParams(location.search).get('relay')
  /** What outlives a reload: the login, and how far each conversation is stored. */
  const kept = JSON.parse(localStorage.getItem('parley') ?? '{"cursors":{}}')
  const told = { entries: [], answers: [], presence: [], caughtUp: false, ending: '' }
  let socket

  const keep = () => localStorage.setItem('parley', JSON.stringify(kept))
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes))

  /** 16 bytes as RFC 9562 makes a UUIDv7. */
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16))
    new DataView(bytes.buffer).setUint32(0, Math.floor(Date.now() / 2 ** 16))
    new DataView(bytes.buffer).setUint16(4, Date.now() % 2 ** 16)
    bytes[6] = 0x70 | (bytes[6] & 0x0f)
    bytes[8] = 0x80 | (bytes[8] & 0x3f)
    return base64(bytes)
  }

  /** Calls a method, for example `Groups/List`; fails with the reason. */
  async function call(method, request = {}) {
    const { accessToken } = kept.login ?? {}
    const answer = await fetch(`http://${relay}/parley.chat.v1.${method}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
      },
      body: JSON.stringify({ requestId: newId(), ...request }),
    })
    if (answer.ok) return answer.json()
    const { message } = await answer.json()
    throw new Error(`${answer.headers.get('Parley-Reason')}: ${message}`)
  }

  /** `Register` or `Login`; what was given is kept. */
  async function enter(method, name, password) {
    const request = { name, password, deviceName: 'page', deviceId: kept.login?.deviceId ?? '' }
    const { credentials } = await call(`Accounts/${method}`, request)
    kept.login = credentials
    keep()
    return credentials
  }

  /** Opens the stream, from where it ended. */
  function open() {
    const { accessToken, deviceId } = kept.login
    const cursors = Object.entries(kept.cursors).map(([id, at]) => ({ conversationId: id, ...at }))
    Object.assign(told, { caughtUp: false, ending: '' })
    socket = new WebSocket(`ws://${relay}/chat?format=json`)
    socket.onopen = () => {
      tell({ hello: { accessToken, deviceId, cursors, protocolMin: 1, protocolMax: 1 } })
      tell({ watch: { contacts: true } })
    }
    socket.onmessage = ({ data }) => JSON.parse(data).events?.forEach(take)
    socket.onclose = ({ code, reason }) => (told.ending = `${code} ${reason}`.trim())
  }

  function tell(command) {
    socket.send(JSON.stringify({ commands: [command] }))
  }

  function take({ entries, accepted, refused, presenceChanged, caughtUp }) {
    if (entries) takeEntries(entries)
    if (accepted) takeAccepted(accepted)
    if (refused) told.answers.push({ id: refused.clientMessageId, reason: refused.reason })
    for (const user of presenceChanged?.users ?? []) {
      told.presence.push(`${user.userName} ${user.availability.replace('AVAILABILITY_', '')}`)
    }
    if (caughtUp) told.caughtUp = true
  }

  function takeEntries({ conversationId, epoch, firstSeq, entries }) {
    for (const [at, { senderName, content }] of entries.entries()) {
      const seq = Number(firstSeq) + at
      told.entries.push({ conversationId, seq, from: senderName, text: content?.text?.text })
    }
    stored({ conversationId, epoch, seq: String(Number(firstSeq) + entries.length - 1) })
  }

  /** One's own message: when it comes next, there is nothing else to wait for. */
  function takeAccepted({ clientMessageId, conversationId, epoch, seq }) {
    told.answers.push({ id: clientMessageId, seq: Number(seq) })
    const cursor = kept.cursors[conversationId]
    if (Number(seq) === Number(cursor?.seq) + 1) stored({ conversationId, epoch, seq })
  }

  function stored({ conversationId, epoch, seq }) {
    kept.cursors[conversationId] = { epoch, seq }
    keep()
    tell({ ack: { conversationId, epoch, seq } })
  }

  /** Sends words; the id by which the answer is known. */
  function say(target, text) {
    const clientMessageId = newId()
    tell({ send: { clientMessageId, ...target, content: { text: { text } } } })
    return clientMessageId
  }

  const bye = () => tell({ bye: {} })
  window.parley = { call, enter, open, say, bye, told: () => told, login: () => kept.login }
})()
