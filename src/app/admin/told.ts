/** What the admin server tells, for whoever asks it from outside. */
export type { Health, Requests, SettingRow, Status, WorkerStacks, WorkerStatus } from '../../observe/admin/status.ts'
