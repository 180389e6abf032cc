internal import Credentials
internal import Foundation
package import Logging
internal import StrictYAML
internal import Synchronization

/// `rules.yaml` on the disk, read again when it changes.
///
/// A file that cannot be read or has mistakes is refused and told once; the rules that were good go on.
package final class RulesFile: Sendable {
    static let bytesMax = 1 << 20

    private struct State {
        var rules: SharingRules
        var stamp: Stamp?
        var problem: String?
    }

    /// What changes when somebody writes the file or puts another in its place.
    private struct Stamp: Equatable {
        let inode: Int
        let size: Int
        let modified: Date
    }

    private let path: String
    private let logger: Logger
    private let state: Mutex<State>

    /// - Parameters:
    ///   - path: nil for no rules: a steward decides about everything.
    ///   - logger: for changes.
    /// - Throws: `YAMLProblem`, or `CredentialsError` for a file that cannot be read.
    package init(path: String?, logger: Logger) throws {
        self.path = path ?? ""
        self.logger = logger
        let stamp = path.flatMap(Self.stamp)
        let rules = try path.map(Self.read) ?? SharingRules(rules: [])
        self.state = Mutex(State(rules: rules, stamp: stamp, problem: nil))
    }

    /// The rules as the file has them now, or as they were when it was last good.
    package var current: SharingRules {
        guard !self.path.isEmpty else { return self.state.withLock { $0.rules } }
        let stamp = Self.stamp(self.path)
        let (rules, news) = self.state.withLock { state -> (SharingRules, String?) in
            guard stamp != state.stamp else { return (state.rules, nil) }
            state.stamp = stamp
            do {
                state.rules = try Self.read(self.path)
                state.problem = nil
                return (state.rules, "")
            } catch {
                state.problem = "\(error)"
                return (state.rules, state.problem)
            }
        }
        if let news, news.isEmpty {
            self.logger.notice("read the rules of sharing again", metadata: ["rules": "\(rules.rules.count)"])
        } else if let news {
            self.logger.error("the rules of sharing are refused, those before go on", metadata: ["why": "\(news)"])
        }
        return rules
    }

    /// Why the file as it is now is not in force; nil when it is.
    package var problem: String? { self.state.withLock { $0.problem } }

    /// - Throws: as the initializer.
    package static func read(_ path: String) throws -> SharingRules {
        let bytes = try PrivateFile.read(path, upTo: self.bytesMax, isSecret: false)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw YAMLProblem(file: path, line: 0, field: "", reason: "is no text in UTF-8")
        }
        return try SharingRules(parsing: text, file: path)
    }

    private static func stamp(_ path: String) -> Stamp? {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return nil }
        return Stamp(
            inode: attributes[.systemFileNumber] as? Int ?? 0,
            size: attributes[.size] as? Int ?? 0,
            modified: attributes[.modificationDate] as? Date ?? .distantPast
        )
    }
}
