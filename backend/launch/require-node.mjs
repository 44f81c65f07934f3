// Imported first by every launcher. It must be understood by old versions of Node too, so it uses nothing new.
export const oldestNode = 20

export function complaintAbout(version) {
  if (Number(version.split('.')[0]) >= oldestNode) return undefined
  return (
    'NitroAGI needs Node.js ' + oldestNode + ' or newer, and this is ' + version + '. Get a newer one from nodejs.org.'
  )
}

const complaint = complaintAbout(process.versions.node)
if (complaint) {
  console.error(complaint)
  process.exit(1)
}
