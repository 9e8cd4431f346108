/** Preloaded into a peer that has no end of its own: Node writes a CPU profile only where a process ends by itself. */
process.on('SIGTERM', () => process.exit(0))
