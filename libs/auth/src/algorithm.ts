/** The only signature algorithm there is: a token never chooses its own. */
export const algorithm = 'EdDSA'
