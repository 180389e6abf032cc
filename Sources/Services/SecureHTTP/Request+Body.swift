internal import Foundation
package import Hummingbird

extension Request {
    /// The whole body.
    ///
    /// - Parameter limit: bytes at most.
    /// - Returns: all of it.
    /// - Throws: ``Problem`` 413 above the limit, 400 for a body that ends early; 408 by the server's deadline.
    package func bytes(upTo limit: Int) async throws -> [UInt8] {
        let announced = self.headers[.contentLength].flatMap { Int($0) }
        let problem = Problem(.contentTooLarge, code: "content-too-large", detail: "the body exceeds \(limit) bytes")
        if let announced, announced > limit { throw problem }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(announced ?? 0, limit))
        for try await part in self.body {
            guard bytes.count + part.readableBytes <= limit else { throw problem }
            bytes.append(contentsOf: part.readableBytesView)
        }
        guard announced.map({ $0 == bytes.count }) ?? true else {
            throw Problem(.badRequest, code: "truncated", detail: "the body ended early")
        }
        return bytes
    }

    /// The whole body as JSON.
    ///
    /// - Parameters:
    ///   - type: what to read.
    ///   - limit: bytes at most.
    /// - Returns: the value.
    /// - Throws: ``Problem`` as ``bytes(upTo:)``, and 400 for another text.
    package func json<Value: Decodable>(_ type: Value.Type, upTo limit: Int) async throws -> Value {
        let bytes = try await self.bytes(upTo: limit)
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
            throw Problem(.badRequest, code: "malformed-json", detail: "the body is not the JSON that this route takes")
        }
    }
}

extension Response {
    /// A response of bytes.
    package static func bytes(
        _ bytes: [UInt8],
        status: HTTPResponse.Status = .ok,
        type: String = "application/octet-stream"
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// A response of JSON with sorted members.
    package static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return .bytes(Array(try encoder.encode(value)), status: status, type: "application/json")
    }
}
