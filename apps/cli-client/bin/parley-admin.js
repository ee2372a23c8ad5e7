#!/usr/bin/env node
import { launch } from './launch.js'

await launch('parley-admin', new URL('../src/admin-main.ts', import.meta.url))
