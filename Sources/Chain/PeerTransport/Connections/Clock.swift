internal import Glibc
internal import NIOCore

/// The two clocks of the transport.
enum Clock {
    /// Seconds of a clock that never goes back.
    static var seconds: Double { Double(NIODeadline.now().uptimeNanoseconds) / 1e9 }

    /// Seconds since 1970, for certificates and people.
    static var wallSeconds: UInt64 { UInt64(max(0, time(nil))) }
}
