const words =
  `I you we they the a this that will can could should would know think want need take bring send
read write call meet leave stay come go tomorrow today tonight morning evening Monday Friday station office
kitchen train ticket coffee dinner report invoice photo number address question answer meeting minutes late
early again maybe please thanks sorry great fine sure because before after about around with without from
into over please everyone nobody something`.split(/\s+/)

/** How many different bodies there are; each is led by its message's number. */
const bodies = 64
const numberDigits = 8

/** Texts of exactly so many bytes, of words as people write them, all different. */
export function makeTexts(textBytes: number, random: () => number): (number: number) => string {
  const tails = Array.from({ length: bodies }, () => sentence(textBytes - numberDigits, random))
  return (number) => String(number).padStart(numberDigits, '0') + (tails[number % bodies] ?? '')
}

function sentence(length: number, random: () => number): string {
  let text = ''
  while (text.length < length) text += ` ${words[Math.floor(random() * words.length)] ?? ''}`
  return text.slice(0, length)
}
