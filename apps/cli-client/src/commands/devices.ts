import { idBytes, idText } from '@parley/client'
import type { chat } from '@parley/proto'
import type { Command } from 'commander'
import { timeText } from '@parley/words'
import type { Cli } from '../cli.ts'
import { example } from '../options.ts'
import { withCalls } from '../session.ts'
import { parseId } from '../target.ts'
import { table } from '../terminal/table.ts'

/** `parley devices [list | revoke ID]`. */
export function define(command: Command, cli: Cli): void {
  command.addHelpText('after', example('parley devices', 'parley devices revoke ID'))
  command
    .command('list')
    .description('List your devices (the default).')
    .addHelpText('after', example('parley devices list'))
    .action(() => list(cli))
  command
    .command('revoke')
    .description('End the login of a device; its streams end within a second.')
    .argument('<id>', 'a device id, as listed')
    .addHelpText('after', example('parley devices revoke 01939d0c-7a31-7000-8000-4f1c2d3e4a5b'))
    .action((id: string) => revoke(cli, parseId(id)))
}

async function list(cli: Cli): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    const { devices } = await calls.accounts.listDevices()
    cli.out.results(devices.map(deviceLine), () => table(devices.map(deviceRow)), 'no devices')
  })
}

async function revoke(cli: Cli, deviceId: string): Promise<void> {
  await withCalls(cli, async ({ calls }) => {
    await calls.accounts.revokeDevice({ deviceId: idBytes(deviceId) })
    cli.out.result({ type: 'device-revoked', deviceId }, `ended the login of ${deviceId}`)
  })
}

function deviceLine(device: chat.Device) {
  const { name, createdAtMs, lastSeenAtMs, current } = device
  return {
    type: 'device',
    deviceId: idText(device.deviceId),
    name,
    createdAtMs,
    lastSeenAtMs,
    current,
  }
}

function deviceRow(device: chat.Device): string[] {
  const mark = device.current ? 'this one' : ''
  return [idText(device.deviceId), device.name, `seen ${timeText(device.lastSeenAtMs)}`, mark]
}
