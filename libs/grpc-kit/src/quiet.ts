import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js'

// grpc-js writes plain text to stderr, where our logs are JSON; all it says also arrives as errors.
setLogVerbosity(logVerbosity.NONE)
