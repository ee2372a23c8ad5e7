/** What `npm start` says to whoever gives it arguments. */
export const usage = `npm start takes no arguments: it starts all services of this machine, with their data below ./data,
and keeps them running until Ctrl-C.

  PORT_BASE=24000 npm start   takes other ports; 0 takes any free ones
  DATA_DIR=/srv/parley        keeps the data there

All variables are in docs/operations.md.
`
