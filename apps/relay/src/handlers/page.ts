/** The most bytes of a page's items, so that an answer stays under the limit of a frame. */
const maxPageBytes = 192 * 1024

/** What a picture takes in an answer at most. */
export const maxPictureBytes = 192

/** The first items of a page that fit into one answer, at least one; `cut` when some do not. */
export function fitting<Item>(
  items: readonly Item[],
  bytesOf: (item: Item) => number,
): { readonly items: Item[]; readonly cut: boolean } {
  let bytes = 0
  const count = items.findIndex((item, index) => {
    bytes += bytesOf(item)
    return index > 0 && bytes > maxPageBytes
  })
  return count === -1
    ? { items: [...items], cut: false }
    : { items: items.slice(0, count), cut: true }
}
