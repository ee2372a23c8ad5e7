export { clockText, durationText, sizeText, timeText } from './amounts.ts'
export { entryWords, isSaid } from './entry-words.ts'
export { faceContent, faceNames, faceText } from './faces.ts'
export { fileNameParts, safeFileName } from './file-name.ts'
export {
  availabilityWord,
  contactStateWord,
  conversationKindWord,
  erasedWord,
  membershipWord,
  noticeWord,
  presentationWord,
  roleWord,
} from './names.ts'
export { combiningMarksLimit, visible, visibleJson, visibleLine } from './visible.ts'
