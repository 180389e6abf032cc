internal import Hummingbird
internal import NIOCore

/// Whether the threads that answer requests still take work.
package enum ServerPulse {
    /// Gives each event loop of the process's servers a turn, and returns when all have had it.
    ///
    /// One that is blocked keeps it from returning: who feeds a watchdog only after this feeds it no more. That the
    /// caller's own task goes on proves the same of the threads that run tasks.
    package static func beat() async {
        for loop in EventLoopGroupProvider.singleton.eventLoopGroup.makeIterator() {
            // A loop that shuts down belongs to a process that ends.
            try? await loop.submit {}.get()
        }
    }
}
