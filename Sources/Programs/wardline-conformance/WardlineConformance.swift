import ArgumentParser
import Conformance
import Glibc

/// `wardline-conformance`: runs vector files through this implementation of the cryptographic layer.
@main
struct WardlineConformance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wardline-conformance",
        abstract: "Check this implementation against vector files of the cryptographic layer.",
        discussion: """
            A case passes when its output is reproduced exactly, or when the operation fails with exactly the named \
            code. Exit code 0 when nothing failed, 1 when a case or a file failed, 2 when a path cannot be read, holds \
            no vectors, or the usage is wrong.
            """
    )

    @Argument(help: "Vector files, and folders that are searched for *.json.")
    var paths: [String] = []

    @Option(help: ArgumentHelp("Run only operations whose names begin with this.", valueName: "op-prefix"))
    var only = ""

    @Flag(help: "Name every case.")
    var verbose = false

    @Flag(help: "List the operations and end.")
    var listOperations = false

    @Option(help: ArgumentHelp("Write random cases with this implementation's output and end.", valueName: "file"))
    var emit: String?

    @Option(help: "How many random cases of each kind --emit writes.")
    var cases = 20

    static func main() {
        do {
            var command = try self.parseAsRoot()
            try command.run()
        } catch let error as VectorFiles.Unreadable {
            Output.error("error: \(error)\n")
            Glibc.exit(2)
        } catch {
            // The library's own code for wrong usage is 64.
            let code = self.exitCode(for: error)
            guard code == .validationFailure else { self.exit(withError: error) }
            Output.error("\(self.fullMessage(for: error))\n")
            Glibc.exit(2)
        }
    }

    func validate() throws {
        let isComplete = self.listOperations || self.emit != nil || !self.paths.isEmpty
        guard isComplete else { throw ValidationError("name a folder or a file of vectors") }
        guard (1...100_000).contains(self.cases) else { throw ValidationError("--cases is 1 to 100000") }
    }

    func run() throws {
        if self.listOperations { return self.list() }
        if let emit { return try self.write(emit) }
        var run = ConformanceRun(only: self.only)
        for file in try VectorFiles.found(at: self.paths) { try self.add(file, to: &run) }
        guard !run.files.isEmpty else {
            throw VectorFiles.Unreadable("\(self.paths.joined(separator: ", ")): no vector file")
        }
        guard self.only.isEmpty || run.passedCount + run.failedCount > 0 else {
            throw VectorFiles.Unreadable("no case of an operation whose name begins with \(self.only)")
        }
        Output.print(run.report)
        if run.failedCount > 0 { throw ExitCode.failure }
    }

    private func add(_ file: String, to run: inout ConformanceRun) throws {
        let isVectorFile = run.add(file: file, content: try VectorFiles.content(of: file)) { vector, verdict in
            if self.verbose { Output.print("\(verdict.word) \(vector.operation) \(vector.name)\n") }
        }
        if isVectorFile { return }
        guard !self.paths.contains(file) else { throw VectorFiles.Unreadable("\(file): not a vector file") }
        Output.error("\(file): not a vector file, left out\n")
    }

    private func list() {
        for operation in OperationTable.standard.operations where operation.name.utf8.starts(with: self.only.utf8) {
            Output.print("\(operation.name)\n")
        }
    }

    private func write(_ file: String) throws {
        let vectors = try RandomVectors.cases(self.cases, only: self.only)
        try VectorFiles.write(VectorFile.content(suite: "random", cases: vectors), to: file)
        Output.print("\(vectors.count) cases written\n")
    }
}
