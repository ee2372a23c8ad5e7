/** Exit code of a run that found promises broken; 1 is what Node.js itself ends with when it crashes. */
export const breachesFound = 3

/** Exit code of a run that could not be carried out. */
export const couldNotRun = 2
