internal import Foundation
internal import GRDB

/// An envelope that a privacy center refused for good, without its bytes.
package struct RefusedEnvelope: Sendable, Hashable {
    /// The index pointer, 32 bytes.
    package let h1: [UInt8]
    /// Digest of the sender's certificate, 32 bytes.
    package let sender: [UInt8]
    package let sequence: UInt64
    /// Seconds since 1970.
    package let created: UInt64
    package let observations: Int64
    /// The center that refused it.
    package let center: String
    /// The center's code and words.
    package let reason: String
    /// ms since 1970.
    package let refused: Int64
}

extension Spool {
    /// Envelopes that were refused for good, in the order in which they were sealed.
    package func refusedEnvelopes() throws -> [RefusedEnvelope] {
        try self.file.reader.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT h1, sender, sequence, created, observations, center, reason, refused_ms FROM refused ORDER BY id
                    """
            ).map { row in
                RefusedEnvelope(
                    h1: [UInt8](row[0] as Data),
                    sender: [UInt8](row[1] as Data),
                    sequence: UInt64(bitPattern: row[2] as Int64),
                    created: UInt64(bitPattern: row[3] as Int64),
                    observations: row[4],
                    center: row[5],
                    reason: row[6],
                    refused: row[7]
                )
            }
        }
    }
}
