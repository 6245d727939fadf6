/**
 * What we use of the `netlink` package: its encoders and decoders, not its socket, and never its root (240 KB of Wi-Fi). Imported
 * in this one place, because a bundler copies every name of a CommonJS module once for each file that imports it (0.3 ms a time).
 */
export {
  __LENGTH_Address,
  __LENGTH_Link,
  __LENGTH_Route,
  formatAddress,
  formatAddressAttrs,
  formatLink,
  formatRoute,
  formatRouteAttrs,
  parseAddress,
  parseLink,
  parseRoute,
} from 'netlink/dist/rt/gen_structs.js'
export {
  AttrStream,
  formatAttribute,
  formatHeader,
  getMap,
  getU32be,
  HEADER_LENGTH,
  type NetlinkMessage,
  parseAttributes,
  parseHeader,
  parseMessages,
  putString,
  putU16,
  putU32,
  type StreamData,
} from 'netlink/dist/structs.js'
