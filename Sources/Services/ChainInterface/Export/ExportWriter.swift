internal import CanonicalBytes
package import Consensus
internal import Credentials
internal import Foundation
package import Ledger

/// Writes an exported channel: beside the file first, so that an interrupted export goes on where it was, and under its
/// own name when it is complete.
///
/// Only blocks that the committee certified, each on top of the one before, get into the file.
package final class ExportWriter {
    private let path: String
    private let partial: String
    private let file: FileHandle
    private var chain: CertifiedChain

    /// Opens or makes the unfinished file.
    ///
    /// - Parameters:
    ///   - path: of the finished file, which must not exist.
    ///   - header: names the chain and the channel.
    ///   - logic: the chain's contracts, for the first block's hash.
    ///   - scheme: how its certificates are made.
    /// - Throws: ``ExportFailure``, for example for an unfinished export of another chain.
    package init(
        _ path: String,
        header: ExportHeader,
        logic: any ContractLogic,
        scheme: any SignatureScheme
    ) throws(ExportFailure) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw ExportFailure("\(path) exists already; it is not overwritten")
        }
        self.path = path
        self.partial = path + ".partial"
        do throws(ProtocolFailure) {
            self.chain = try CertifiedChain(header, logic: logic, scheme: scheme)
        } catch { throw ExportFailure("the genesis is damaged: \(error)") }
        var end = UInt64(0)
        if FileManager.default.fileExists(atPath: self.partial) {
            end = try Self.resume(self.partial, header, &self.chain)
        } else if !FileManager.default.createFile(atPath: self.partial, contents: nil) {
            throw ExportFailure("cannot write \(self.partial)")
        }
        do {
            self.file = try FileHandle(forWritingTo: URL(filePath: self.partial))
            try self.file.truncate(atOffset: end)
            try self.file.seek(toOffset: end)
            if end == 0 { try self.file.write(contentsOf: header.bytes) }
        } catch { throw ExportFailure("cannot write \(self.partial)") }
    }

    deinit { try? self.file.close() }

    /// The last block in the file.
    package var height: Height { self.chain.height }

    /// Adds the next block.
    ///
    /// - Throws: ``ExportFailure`` for a block that is not the next one, not certified, or not to be written.
    package func append(_ payload: [UInt8], _ certificate: [UInt8]) throws(ExportFailure) {
        let height = self.chain.height + 1
        do throws(ProtocolFailure) { try self.chain.append(payload, certificate) } catch {
            throw ExportFailure("block \(height) is not certified: \(error)", height: height)
        }
        var writer = CanonicalWriter(capacity: payload.count + certificate.count + 8)
        writer.lengthPrefixed(payload)
        writer.lengthPrefixed(certificate)
        do { try self.file.write(contentsOf: writer.bytes) } catch {
            throw ExportFailure("cannot write \(self.partial): is the disk full?", height: height)
        }
    }

    /// Gives the file its own name, durably.
    package func finish() throws(ExportFailure) {
        do {
            try self.file.synchronize()
            try FileManager.default.moveItem(atPath: self.partial, toPath: self.path)
        } catch { throw ExportFailure("cannot complete \(self.path)") }
        PrivateFile.synchronize(directory: URL(filePath: self.path).deletingLastPathComponent().path())
    }

    /// Where the last sound block of an unfinished file ends; 0 when there is not even a header.
    private static func resume(
        _ path: String,
        _ header: ExportHeader,
        _ chain: inout CertifiedChain
    ) throws(ExportFailure) -> UInt64 {
        let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? UInt64) ?? 0
        guard size >= UInt64(header.bytes.count) else { return 0 }
        let reader = try ExportReader(path)
        guard reader.header == header else {
            throw ExportFailure("\(path) is the unfinished export of another chain or channel; remove it")
        }
        var end = reader.offset
        do throws(ExportFailure) {
            while let (payload, certificate) = try reader.next() {
                do throws(ProtocolFailure) { try chain.append(payload, certificate) } catch { return end }
                end = reader.offset
            }
        } catch {}
        return end
    }
}

extension FileHandle {
    fileprivate func write(contentsOf bytes: [UInt8]) throws { try self.write(contentsOf: Data(bytes)) }
}
