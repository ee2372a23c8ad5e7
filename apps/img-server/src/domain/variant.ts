/** The pictures made of each image, smallest first. */
export const variantNames = ['thumb', 'preview', 'full'] as const

/** The name of one picture made of an image, as it stands in its address. */
export type VariantName = (typeof variantNames)[number]

/** The square that each variant fits, in pixels; libwebp and old viewers end at 16,383 a side. */
export const maxSidePixels: Readonly<Record<VariantName, number>> = {
  thumb: 256,
  preview: 1024,
  full: 16_383,
}

/** The media types we serve: what our own encoders write, whatever was uploaded. */
export const servedTypes = ['image/jpeg', 'image/png', 'image/webp'] as const

/** A media type we serve. */
export type ServedType = (typeof servedTypes)[number]

/** The types that each variant can be had in besides the one it is stored in. */
export const madeTypes = ['image/webp', 'image/jpeg'] as const

/** A type that is made of any variant when somebody asks for it. */
export type MadeType = (typeof madeTypes)[number]

/** The variant of that name, or undefined for any other text. */
export function variantNamed(text: string): VariantName | undefined {
  return variantNames.find((name) => name === text)
}

/** The type if it is one that is made when asked for. */
export function madeTypeOf(type: ServedType): MadeType | undefined {
  return madeTypes.find((one) => one === type)
}

/** The stored variant that another type of a variant is made of: larger, so that nothing is lost twice. */
export const madeFrom: Readonly<Record<VariantName, VariantName>> = {
  thumb: 'preview',
  preview: 'full',
  full: 'full',
}
