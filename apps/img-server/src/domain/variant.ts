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

/** The variant of that name, or undefined for any other text. */
export function variantNamed(text: string): VariantName | undefined {
  return variantNames.find((name) => name === text)
}
