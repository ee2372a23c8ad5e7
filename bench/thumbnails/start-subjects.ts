import { execFileSync } from 'node:child_process'
import { packageVersion } from '../measure/machine.ts'
import { requireProgram } from '../measure/programs.ts'
import { commandSubject, imageMagick, vipsThumbnail } from './command-subject.ts'
import { startProcessSubject } from './process-subject.ts'
import type { Subject } from './subject.ts'
import { ours } from './summary.ts'

/** Ours and its peers, in the order of one round. */
export async function startSubjects(): Promise<Subject[]> {
  // By its own name: `convert` may be another program.
  const convert = requireProgram('convert-im6.q16', 'imagemagick-6.q16')
  const vips = requireProgram('vipsthumbnail', 'libvips-tools')
  const magick = `${firstLine(convert, '-version')}, a process for each picture`
  const pool = 'the image server\u2019s pool of worker processes, its time included'
  return [
    await startProcessSubject(ours, pool, 'parley-process.ts'),
    await startProcessSubject('ipx', `${packageVersion('ipx')} in a process`, 'ipx-process.ts'),
    commandSubject('imagemagick', magick, convert, imageMagick(false)),
    commandSubject('imagemagick jpeg:size', magick, convert, imageMagick(true), ['jpeg']),
    commandSubject(
      'vipsthumbnail',
      `${firstLine(vips, '--version')}, a process for each result`,
      vips,
      vipsThumbnail,
    ),
  ]
}

function firstLine(program: string, flag: string): string {
  return execFileSync(program, [flag], { encoding: 'utf8' }).split('\n')[0] ?? ''
}
