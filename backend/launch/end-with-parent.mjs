// Preloaded into what the launcher starts: when the launcher is killed, nothing is left that holds the data folder.
if (process.channel && process.env.NITRO_LAUNCHER_PID === String(process.ppid)) {
  process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel.unref()
}
