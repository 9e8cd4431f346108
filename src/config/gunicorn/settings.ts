/** Every setting of gunicorn 27 and what it is here: for `--from-gunicorn`, for whoever gives its options to pulsar, and for docs/migrating.md. */
import type { GunicornSettings } from './setting.ts'
import {
  addressesHere, levelHere, limitHere, logFileHere, maskHere, numberHere, pathsHere, protocolsHere, proxyProtocolHere, requirementHere,
} from './values.ts'

const strict = 'HTTP is read strictly, and there is no switch for it'
const handled = 'not needed: TLS ends in Node.js'
const asgi = 'an application is a WSGI callable: there is no ASGI'
const dirty = 'there are no dirty workers: work that outlives a request belongs into a queue'
const logging = 'the log has one line per event, readable or JSON (--log-format): send it on from standard error'
const statsd = 'there is no statsd: --admin has metrics for Prometheus'
const http2 = 'HTTP/2 has limits of its own'
const longest = 16_777_216

const applications: GunicornSettings = {
  config: { flags: ['-c', '--config'], instead: 'a config file of gunicorn\'s is translated by --from-gunicorn FILE' },
  wsgi_app: { to: 'mount' },
  paste: { flags: ['--paste', '--paster'], instead: 'a module with application = paste.deploy.loadapp(\'config:/path/to/file.ini\') is a TARGET' },
  raw_paste_global_conf: { flags: ['--paste-global'], instead: 'the global_conf of paste.deploy.loadapp()' },
  raw_env: { flags: ['-e', '--env'], instead: 'variables of the environment the server is started in, or process.env in the config file' },
  chdir: { flags: ['--chdir'], instead: '--chdir on the command line: the config file is looked for there' },
  root_path: { flags: ['--root-path'], instead: '--script-name' },
}

const sockets: GunicornSettings = {
  bind: { flags: ['-b', '--bind'], to: 'bind', convert: addressesHere },
  backlog: { flags: ['--backlog'], to: 'backlog' },
  reuse_port: { flags: ['--reuse-port'], instead: 'not needed: the processes share one socket' },
  sendfile: { flags: ['--no-sendfile'], instead: 'not needed: files are sent by Node.js, and do not go through Python' },
  protocol: { flags: ['--protocol'], instead: 'HTTP alone: where a proxy speaks uwsgi (uwsgi_pass) let it speak HTTP (proxy_pass)' },
  uwsgi_allow_ips: { flags: ['--uwsgi-allow-from'], instead: 'there is no uwsgi protocol' },
  secure_scheme_headers: { instead: 'X-Forwarded-Proto and Forwarded of trusted proxies' },
  forwarder_headers: { flags: ['--forwarder-headers'], instead: 'X-Forwarded-Prefix of a trusted proxy becomes SCRIPT_NAME, no other field does: --forwarded-fields, --script-name' },
  header_map: { flags: ['--header-map'], instead: 'a field whose name has an underscore is dropped' },
  forwarded_allow_ips: { flags: ['--forwarded-allow-ips'], to: 'forwardedAllowIps' },
  proxy_protocol: { flags: ['--proxy-protocol'], to: 'proxyProtocol', convert: proxyProtocolHere },
  proxy_allow_ips: { flags: ['--proxy-allow-from'], instead: 'the PROXY header is taken from --forwarded-allow-ips' },
}

const workers: GunicornSettings = {
  workers: { flags: ['-w', '--workers'], to: 'workers', convert: numberHere },
  worker_class: {
    flags: ['-k', '--worker-class'],
    instead: 'there are none to choose: threads are --threads N, and slow clients and idle connections hold no Python worker',
  },
  threads: { flags: ['--threads'], to: 'threads', convert: numberHere },
  worker_connections: { flags: ['--worker-connections'], instead: 'idle connections hold no worker; --max-connections limits all that are open' },
  max_requests: { flags: ['--max-requests'], to: 'maxRequests', convert: numberHere },
  max_requests_jitter: { flags: ['--max-requests-jitter'], to: 'maxRequestsJitter', convert: numberHere },
  timeout: { flags: ['-t', '--timeout'], to: 'timeout', convert: numberHere },
  graceful_timeout: { flags: ['--graceful-timeout'], to: 'gracefulTimeout', convert: numberHere },
  keepalive: { flags: ['--keep-alive'], to: 'keepAlive', convert: numberHere },
  preload_app: { flags: ['--preload'], to: 'preload' },
  pythonpath: { flags: ['--pythonpath'], to: 'pythonpath', convert: pathsHere },
  reload: { flags: ['--reload'], to: 'reload' },
  reload_engine: { flags: ['--reload-engine'], instead: 'not needed: the system tells of changes' },
  reload_extra_files: { flags: ['--reload-extra-file'], instead: 'the sources of the application are watched, and no other files' },
  worker_tmp_dir: { flags: ['--worker-tmp-dir'], instead: 'not needed: there is no heartbeat on a disk' },
  tmp_upload_dir: { instead: 'the variable TMPDIR' },
  spew: { flags: ['--spew'], instead: 'python -m trace' },
  check_config: { flags: ['--check-config'], instead: '--check-config' },
  print_config: { flags: ['--print-config'], instead: '--print-config' },
}

const processes: GunicornSettings = {
  daemon: { flags: ['-D', '--daemon'], to: 'daemon' },
  pidfile: { flags: ['-p', '--pid'], to: 'pid' },
  user: { flags: ['-u', '--user'], to: 'user' },
  group: { flags: ['-g', '--group'], to: 'group' },
  umask: { flags: ['-m', '--umask'], to: 'umask', convert: maskHere },
  initgroups: { flags: ['--initgroups'], instead: 'not needed: the groups of --user are always taken' },
  proc_name: { flags: ['-n', '--name'], to: 'name' },
  default_proc_name: { instead: 'not needed: ps shows what is served' },
  control_socket: { flags: ['--control-socket'], instead: 'the admin server: --admin' },
  control_socket_mode: { flags: ['--control-socket-mode'], instead: 'the admin server: --admin' },
  control_socket_disable: { flags: ['--no-control-socket'], instead: 'the admin server is off without --admin' },
}

const limits: GunicornSettings = {
  limit_request_line: { flags: ['--limit-request-line'], to: 'limitRequestLine', convert: limitHere(longest) },
  limit_request_fields: { flags: ['--limit-request-fields'], to: 'limitRequestFields' },
  limit_request_field_size: { flags: ['--limit-request-field_size'], to: 'limitRequestFieldSize', convert: limitHere(longest) },
  permit_obsolete_folding: { flags: ['--permit-obsolete-folding'], instead: strict },
  strip_header_spaces: { flags: ['--strip-header-spaces'], instead: strict },
  permit_unconventional_http_method: { flags: ['--permit-unconventional-http-method'], instead: strict },
  permit_unconventional_http_version: { flags: ['--permit-unconventional-http-version'], instead: strict },
  casefold_http_method: { flags: ['--casefold-http-method'], instead: strict },
  http_parser: { flags: ['--http-parser'], instead: 'there is one parser' },
}

const logs: GunicornSettings = {
  errorlog: { flags: ['--error-logfile', '--log-file'], to: 'logFile', convert: logFileHere },
  loglevel: { flags: ['--log-level'], to: 'logLevel', convert: levelHere },
  accesslog: { flags: ['--access-logfile'], to: 'accessLog' },
  access_log_format: { flags: ['--access-logformat'], to: 'accessLogFormat' },
  disable_redirect_access_to_syslog: { flags: ['--disable-redirect-access-to-syslog'], instead: 'not needed: the access log goes where --access-log says' },
  capture_output: { flags: ['--capture-output'], instead: 'not needed: what the application prints is in the log' },
  enable_stdio_inheritance: { flags: ['-R', '--enable-stdio-inheritance'], instead: 'not needed: what the application prints is in the log' },
  logger_class: { flags: ['--logger-class'], instead: logging },
  logconfig: { flags: ['--log-config'], instead: logging },
  logconfig_dict: { instead: logging },
  logconfig_json: { flags: ['--log-config-json'], instead: logging },
  syslog: { flags: ['--log-syslog'], instead: logging },
  syslog_addr: { flags: ['--log-syslog-to'], instead: logging },
  syslog_prefix: { flags: ['--log-syslog-prefix'], instead: logging },
  syslog_facility: { flags: ['--log-syslog-facility'], instead: logging },
  statsd_host: { flags: ['--statsd-host'], instead: statsd },
  statsd_prefix: { flags: ['--statsd-prefix'], instead: statsd },
  dogstatsd_tags: { flags: ['--dogstatsd-tags'], instead: statsd },
  enable_backlog_metric: { flags: ['--enable-backlog-metric'], instead: statsd },
}

const tls: GunicornSettings = {
  keyfile: { flags: ['--keyfile'], to: 'keyFile' },
  certfile: { flags: ['--certfile'], to: 'certFile' },
  ca_certs: { flags: ['--ca-certs'], to: 'caCerts' },
  cert_reqs: { flags: ['--cert-reqs'], to: 'certReqs', convert: requirementHere },
  ssl_version: { flags: ['--ssl-version'], instead: handled },
  suppress_ragged_eofs: { flags: ['--suppress-ragged-eofs'], instead: handled },
  do_handshake_on_connect: { flags: ['--do-handshake-on-connect'], instead: handled },
  ciphers: { flags: ['--ciphers'], instead: 'Node.js chooses: --tls-cipher-list of NODE_OPTIONS' },
  http_protocols: { flags: ['--http-protocols'], to: 'http2', convert: protocolsHere },
  http2_cleartext: { flags: ['--http2-cleartext'], instead: '--http2 on: by prior knowledge, not by Upgrade' },
  http2_max_concurrent_streams: { flags: ['--http2-max-concurrent-streams'], instead: http2 },
  http2_initial_window_size: { flags: ['--http2-initial-window-size'], instead: http2 },
  http2_max_frame_size: { flags: ['--http2-max-frame-size'], instead: http2 },
  http2_max_header_list_size: { flags: ['--http2-max-header-list-size'], instead: http2 },
}

const others: GunicornSettings = {
  asgi_loop: { flags: ['--asgi-loop'], instead: asgi },
  asgi_lifespan: { flags: ['--asgi-lifespan'], instead: asgi },
  asgi_disconnect_grace_period: { flags: ['--asgi-disconnect-grace-period'], instead: asgi },
  websocket_max_message_size: { flags: ['--websocket-max-message-size'], instead: asgi },
  dirty_apps: { flags: ['--dirty-app'], instead: dirty },
  dirty_workers: { flags: ['--dirty-workers'], instead: dirty },
  dirty_timeout: { flags: ['--dirty-timeout'], instead: dirty },
  dirty_threads: { flags: ['--dirty-threads'], instead: dirty },
  dirty_graceful_timeout: { flags: ['--dirty-graceful-timeout'], instead: dirty },
}

export interface GunicornSection {
  readonly title: string
  readonly settings: GunicornSettings
}

export const gunicornSections: readonly GunicornSection[] = [
  { title: 'The application', settings: applications },
  { title: 'Sockets and proxies', settings: sockets },
  { title: 'Workers', settings: workers },
  { title: 'The process', settings: processes },
  { title: 'Limits and strictness', settings: limits },
  { title: 'Logs and metrics', settings: logs },
  { title: 'TLS and HTTP/2', settings: tls },
  { title: 'What only gunicorn has', settings: others },
]

/** By their names in a config file. */
export const gunicornSettings: GunicornSettings = Object.assign({}, ...gunicornSections.map(({ settings }) => settings)) as GunicornSettings
