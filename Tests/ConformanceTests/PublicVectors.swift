import Foundation
import Testing

@testable import Conformance

/// The vector files that come with the specification.
enum PublicVectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/vectors").path(percentEncoded: false)

    static func content(_ file: String) throws -> [UInt8] { try VectorFiles.content(of: "\(self.folder)/\(file)") }

    /// The well-formed cases of a file.
    static func cases(_ file: String) throws -> [VectorCase] {
        let vectors = try #require(try VectorFile(content: self.content(file)))
        return vectors.entries.compactMap { entry in
            if case .vector(let vector) = entry { vector } else { nil }
        }
    }
}

/// What becomes of one case.
func verdict(_ vector: VectorCase) -> Verdict { Verdict(vector, .standard) }

/// Runs text as the content of a vector file.
func run(_ content: String, only prefix: String = "") -> ConformanceRun {
    var run = ConformanceRun(only: prefix)
    run.add(file: "f.json", content: Array(content.utf8))
    return run
}
