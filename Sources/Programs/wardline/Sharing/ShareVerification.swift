import ArgumentParser
import Consortium
import Requesting

/// Checks a share's folder and prints what was found.
enum ShareVerification {
    /// - Throws: exit code 1 when a step is missing or wrong.
    static func run(_ path: String, _ genesis: GenesisOption, json: Bool) throws {
        let check = ShareCheck(try ShareFolder(opening: path), genesis: try genesis.load())
        let report = check.run()
        if json {
            try StandardOutput.write(ShareTexts.json(report))
        } else {
            try StandardOutput.write(ShareTexts.text(report))
        }
        if !report.isComplete { throw ExitCode.failure }
    }
}

enum ConsortiumPaths {
    static func genesis(of path: String) throws -> String { try ConsortiumFile(path: path).genesisPath }
}
