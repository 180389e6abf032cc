internal import Relaying

/// All that a gateway works with, made once.
struct GatewayTools: Sendable {
    let application: ShoreClient
    let relay: ShoreClient
    let hands: Hands
    let paths: PathBuilder
    let successions: Successions
    let book: LeafBook
    let board: GatewayBoard

    func shore(_ shore: Shore) -> ShoreClient { shore == .relay ? self.relay : self.application }
}
