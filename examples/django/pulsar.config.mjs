// Read by the command in this directory.
export default {
  mount: { '/': 'mysite.wsgi:application' },
  static: { '/static': `${process.env.NOTES_DATA ?? 'data'}/static` },
}
