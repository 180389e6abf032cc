extension UCUMAtom {
    /// Definitions of the SI, units used with it, constants, CGS and information units (UCUM 2.2): symbol, kind, value, unit of the value, human display.
    ///
    /// `mol` is a number here, as UCUM defines it.
    static let scientific = """
        10*              plain         10                                   1                  10
        10^              plain         10                                   1                  10
        [pi]             plain         3.141592653589793238462643383279503  1                  π
        %                plain         1                                    10*-2
        [ppth]           plain         1                                    10*-3              ‰
        [ppm]            plain         1                                    10*-6              ppm
        [ppb]            plain         1                                    10*-9              ppb
        [pptr]           plain         1                                    10*-12             ppt
        mol              metric        6.02214076                           10*23
        sr               metric        1                                    rad2
        Hz               metric        1                                    s-1
        N                metric        1                                    kg.m/s2
        Pa               metric        1                                    N/m2
        J                metric        1                                    N.m
        W                metric        1                                    J/s
        A                metric        1                                    C/s
        V                metric        1                                    J/C
        F                metric        1                                    C/V
        Ohm              metric        1                                    V/A                Ω
        S                metric        1                                    Ohm-1
        Wb               metric        1                                    V.s
        Cel              scale-metric  1                                    K                  °C
        T                metric        1                                    Wb/m2
        H                metric        1                                    Wb/A
        lm               metric        1                                    cd.sr
        lx               metric        1                                    lm/m2
        Bq               metric        1                                    s-1
        Gy               metric        1                                    J/kg
        Sv               metric        1                                    J/kg
        gon              plain         0.9                                  deg
        deg              plain         2                                    [pi].rad/360       °
        '                plain         1                                    deg/60
        ''               plain         1                                    '/60
        l                metric        1                                    dm3
        L                metric        1                                    l
        ar               metric        100                                  m2
        min              plain         60                                   s
        h                plain         60                                   min
        d                plain         24                                   h
        a_t              plain         365.24219                            d
        a_j              plain         365.25                               d
        a_g              plain         365.2425                             d
        a                plain         1                                    a_j
        wk               plain         7                                    d
        mo_s             plain         29.53059                             d
        mo_j             plain         1                                    a_j/12
        mo_g             plain         1                                    a_g/12
        mo               plain         1                                    mo_j
        t                metric        1000                                 kg
        bar              metric        100000                               Pa
        u                metric        1.66053906660e-24                    g
        eV               metric        1                                    [e].V
        AU               plain         149597.870691                        Mm
        pc               metric        3.085678e16                          m
        [c]              metric        299792458                            m/s
        [h]              metric        6.62607015e-34                       J.s
        [k]              metric        1.380649e-23                         J/K
        [eps_0]          metric        8.854187817e-12                      F/m
        [mu_0]           metric        1                                    4.[pi].10*-7.N/A2
        [e]              metric        1.602176634e-19                      C
        [m_e]            metric        9.1093837139e-31                     kg
        [m_p]            metric        1.67262192595e-27                    kg
        [G]              metric        6.67430e-11                          m3.kg-1.s-2
        [g]              metric        9.80665                              m/s2               gₙ
        atm              plain         101325                               Pa
        [ly]             metric        1                                    [c].a_j
        gf               metric        1                                    g.[g]
        [lbf_av]         plain         1                                    [lb_av].[g]
        Ky               metric        1                                    cm-1
        Gal              metric        1                                    cm/s2
        dyn              metric        1                                    g.cm/s2
        erg              metric        1                                    dyn.cm
        P                metric        1                                    dyn.s/cm2
        Bi               metric        10                                   A
        St               metric        1                                    cm2/s
        Mx               metric        1e-8                                 Wb
        G                metric        1e-4                                 T
        Oe               metric        250                                  /[pi].A/m
        Gb               metric        1                                    Oe.cm
        sb               metric        1                                    cd/cm2
        Lmb              metric        1                                    cd/cm2/[pi]
        ph               metric        1e-4                                 lx
        Ci               metric        37000000000                          Bq
        R                metric        2.58e-4                              C/kg
        RAD              metric        100                                  erg/g
        REM              metric        1                                    RAD
        [degF]           scale         5                                    K/9                °F
        [degR]           plain         5                                    K/9                °R
        [degRe]          scale         5                                    K/4                °Ré
        cal_[15]         metric        4.18580                              J
        cal_[20]         metric        4.18190                              J
        cal_m            metric        4.19002                              J
        cal_IT           metric        4.1868                               J
        cal_th           metric        4.184                                J
        cal              metric        1                                    cal_th
        [Cal]            plain         1                                    kcal_th            Cal
        [Btu_39]         plain         1.05967                              kJ
        [Btu_59]         plain         1.05480                              kJ
        [Btu_60]         plain         1.05468                              kJ
        [Btu_m]          plain         1.05587                              kJ
        [Btu_IT]         plain         1.05505585262                        kJ
        [Btu_th]         plain         1.054350                             kJ
        [Btu]            plain         1                                    [Btu_th]           Btu
        [HP]             plain         550                                  [ft_i].[lbf_av]/s  hp
        tex              metric        1                                    g/km
        [den]            plain         1                                    g/9/km
        st               metric        1                                    m3
        Ao               plain         0.1                                  nm                 Å
        b                plain         100                                  fm2
        att              plain         1                                    kgf/cm2
        mho              metric        1                                    S
        [psi]            plain         1                                    [lbf_av]/[in_i]2   psi
        circ             plain         2                                    [pi].rad
        sph              plain         4                                    [pi].sr
        [car_m]          plain         0.2                                  g
        [car_Au]         plain         1                                    /24
        [smoot]          plain         67                                   [in_i]
        [m/s2/Hz^(1/2)]  level         1                                    1
        [NTU]            plain         1                                    1                  NTU
        [FNU]            plain         1                                    1                  FNU
        bit_s            level         1                                    1
        bit              metric        1                                    1
        By               metric        8                                    bit
        Bd               metric        1                                    /s
        """
}
