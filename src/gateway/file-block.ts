/** Bytes: what is read of a file at a time, and the longest body out of one that goes out whole: one read and one write. */
export const fileBlock = 65536
