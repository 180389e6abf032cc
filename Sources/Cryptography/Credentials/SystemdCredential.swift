internal import Foundation

/// Encryption to this machine by `systemd-creds`; secrets pass through pipes only.
enum SystemdCredential {
    private static let program = "/usr/bin/systemd-creds"

    static func seal(_ secret: [UInt8], name: String) throws(CredentialsError) -> [UInt8] {
        try self.run(["encrypt", "--name=\(name)", "-", "-"], input: secret)
    }

    static func open(_ path: String, name: String) throws(CredentialsError) -> [UInt8] {
        try self.run(["decrypt", "--name=\(name)", path, "-"], input: [])
    }

    private static func run(_ arguments: [String], input: [UInt8]) throws(CredentialsError) -> [UInt8] {
        guard FileManager.default.isExecutableFile(atPath: self.program) else {
            throw .sealing(
                "\(self.program) is missing; it comes with systemd 250 or later. Enrol without --systemd-creds to keep "
                    + "the keys in files of mode 0600"
            )
        }
        let process = Process()
        let (standardInput, standardOutput, standardError) = (Pipe(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: self.program)
        process.arguments = arguments
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        process.standardError = standardError
        do {
            try process.run()
            // A key is far smaller than a pipe's buffer, so that writing all before reading cannot block.
            try standardInput.fileHandleForWriting.write(contentsOf: Data(input))
            try standardInput.fileHandleForWriting.close()
            let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
            let complaint = try standardError.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw CredentialsError.sealing(
                    "systemd-creds \(arguments[0]) failed: \(self.firstLine(of: complaint)); it needs root and either a "
                        + "TPM or the host key (`systemd-creds setup`)"
                )
            }
            return Array(output)
        } catch let error as CredentialsError {
            throw error
        } catch {
            throw .sealing("cannot run systemd-creds: \(error.localizedDescription)")
        }
    }

    private static func firstLine(of complaint: Data) -> String {
        String(decoding: complaint.prefix { $0 != UInt8(ascii: "\n") }.prefix(200), as: UTF8.self)
    }
}
