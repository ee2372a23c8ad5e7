/** What a `Message` of the series is, by its `mesType`. */
export const mesType = {
  loggedIn: '1',
  notLoggedIn: '2',
  text: '3',
  askOnline: '4',
  online: '5',
  exit: '6',
  toAll: '7',
  file: '8',
} as const
