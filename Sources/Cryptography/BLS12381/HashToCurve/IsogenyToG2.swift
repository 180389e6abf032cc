internal import FiniteFields

/// The 3-isogeny to the curve of G2 (RFC 9380 section 8.8.2 and appendix E.3).
enum IsogenyToG2 {
    static let a = Fp2(Fp(0), Fp(240))
    static let b = Fp2(Fp(1012), Fp(1012))

    static let map = Isogeny(
        xNumerator: Self.xNumerator,
        xDenominator: Self.xDenominator,
        yNumerator: Self.yNumerator,
        yDenominator: Self.yDenominator
    )

    private static let xNumerator: [Fp2] = [
        Fp2(
            Fp(hex: "05c759507e8e333ebb5b7a9a47d7ed8532c52d39fd3a042a88b58423c50ae15d5c2638e343d9c71c6238aaaaaaaa97d6"),
            Fp(hex: "05c759507e8e333ebb5b7a9a47d7ed8532c52d39fd3a042a88b58423c50ae15d5c2638e343d9c71c6238aaaaaaaa97d6")
        ),
        Fp2(
            Fp(0),
            Fp(hex: "11560bf17baa99bc32126fced787c88f984f87adf7ae0c7f9a208c6b4f20a4181472aaa9cb8d555526a9ffffffffc71a")
        ),
        Fp2(
            Fp(hex: "11560bf17baa99bc32126fced787c88f984f87adf7ae0c7f9a208c6b4f20a4181472aaa9cb8d555526a9ffffffffc71e"),
            Fp(hex: "08ab05f8bdd54cde190937e76bc3e447cc27c3d6fbd7063fcd104635a790520c0a395554e5c6aaaa9354ffffffffe38d")
        ),
        Fp2(
            Fp(hex: "171d6541fa38ccfaed6dea691f5fb614cb14b4e7f4e810aa22d6108f142b85757098e38d0f671c7188e2aaaaaaaa5ed1"),
            Fp(0)
        ),
    ]

    private static let xDenominator: [Fp2] = [
        Fp2(
            Fp(0),
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaa63")
        ),
        Fp2(
            Fp(12),
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaa9f")
        ),
        Fp2(Fp(1), Fp(0)),
    ]

    private static let yNumerator: [Fp2] = [
        Fp2(
            Fp(hex: "1530477c7ab4113b59a4c18b076d11930f7da5d4a07f649bf54439d87d27e500fc8c25ebf8c92f6812cfc71c71c6d706"),
            Fp(hex: "1530477c7ab4113b59a4c18b076d11930f7da5d4a07f649bf54439d87d27e500fc8c25ebf8c92f6812cfc71c71c6d706")
        ),
        Fp2(
            Fp(0),
            Fp(hex: "05c759507e8e333ebb5b7a9a47d7ed8532c52d39fd3a042a88b58423c50ae15d5c2638e343d9c71c6238aaaaaaaa97be")
        ),
        Fp2(
            Fp(hex: "11560bf17baa99bc32126fced787c88f984f87adf7ae0c7f9a208c6b4f20a4181472aaa9cb8d555526a9ffffffffc71c"),
            Fp(hex: "08ab05f8bdd54cde190937e76bc3e447cc27c3d6fbd7063fcd104635a790520c0a395554e5c6aaaa9354ffffffffe38f")
        ),
        Fp2(
            Fp(hex: "124c9ad43b6cf79bfbf7043de3811ad0761b0f37a1e26286b0e977c69aa274524e79097a56dc4bd9e1b371c71c718b10"),
            Fp(0)
        ),
    ]

    private static let yDenominator: [Fp2] = [
        Fp2(
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffa8fb"),
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffa8fb")
        ),
        Fp2(
            Fp(0),
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffa9d3")
        ),
        Fp2(
            Fp(18),
            Fp(hex: "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaa99")
        ),
        Fp2(Fp(1), Fp(0)),
    ]
}
