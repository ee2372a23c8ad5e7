#!/usr/bin/env node
import { launch } from './launch.js'

await launch('parley', new URL('../src/main.ts', import.meta.url))
