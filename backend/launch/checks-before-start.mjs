import { accessSync, chmodSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { LaunchError } from './launch.mjs'

/** Makes the data folder and shows that it takes a file. */
export function requireWritable(dataDir) {
  try {
    makeFolder(join(dataDir, 'logs'))
    accessSync(dataDir, constants.W_OK | constants.X_OK)
    const probe = join(dataDir, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
    chmodSync(dataDir, 0o700)
  } catch (error) {
    throw new LaunchError(`The data folder ${dataDir} cannot be written to (${reason(error)}).`)
  }
}

// Not mkdir's own `recursive`, which never returns where no folder can be made, as under /proc.
function makeFolder(path) {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path, { mode: 0o700 })
}

const reason = ({ code, message }) =>
  ({
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EROFS: 'read-only file system',
    ENOENT: 'no folder can be made there',
    ENOTDIR: 'part of the path is a file',
    EEXIST: 'there is a file of that name',
    ENOSPC: 'the disk is full',
  })[code] ?? message

/** Says before minutes of building that nobody could listen there afterwards. */
export function requireFreePort(what, option, host, port) {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', ({ code, message }) => {
      reject(new LaunchError(sentence(code) ?? `The ${what} cannot listen on ${host}:${port}: ${message}.`))
    })
    server.listen({ host, port, exclusive: true }, () => server.close(resolve))
  })

  function sentence(code) {
    if (code === 'EADDRINUSE') {
      return `Port ${port} is in use by another program. Stop it, or choose another port for the ${what}: npm start -- ${option} ${port + 1}`
    }
    if (code === 'EACCES') return `Port ${port} needs administrator rights. Choose one above 1024 with ${option}.`
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      return `This machine has no address ${host}. Choose another with --host.`
    return undefined
  }
}
