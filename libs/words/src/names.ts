import { chat } from '@parley/proto'

/** The members of a generated enum as the words of the JSON lines: `CONTACT_ASKED` is `contact-asked`. */
function words(members: Readonly<Record<string, number>>): (value: number) => string {
  const entries = Object.entries(members).filter(([, value]) => value > 0)
  const byValue = new Map(
    entries.map(([name, value]) => [value, name.toLowerCase().replaceAll('_', '-')]),
  )
  return (value) => byValue.get(value) ?? 'unknown'
}

/** `unknown`, `offline`, `away`, `busy` or `online`. */
export const availabilityWord = words(chat.Availability)
/** `none`, `asked`, `requested` or `contact`. */
export const contactStateWord = words(chat.ContactState)
/** `direct`, `group` or `notices`. */
export const conversationKindWord = words(chat.ConversationKind)
/** `recalled`. */
export const erasedWord = words(chat.Erased_Why)
/** `created`, `joined`, `left`, `removed`, `role`, `renamed`, `dissolved` or `picture`. */
export const membershipWord = words(chat.Membership_Change)
/** For example `contact-requested`. */
export const noticeWord = words(chat.Notice_Kind)
/** `voice` or `video`. */
export const presentationWord = words(chat.File_Presentation)
/** `member`, `admin` or `owner`. */
export const roleWord = words(chat.Role)
