#include "philox_kernels.h"

namespace pushforward::PF_PATH {
namespace {

// Loops over lanes and over numbers are written for the compiler to vectorise: double and integer
// operations one by one are the same bits on every path, and those of src/random.ts.
constexpr int kLanes = 16;

void words(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::size_t groups,
           std::uint32_t* out) {
  for (std::size_t group = 0; group < groups; ++group, out += 4 * kLanes) {
    std::uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
    for (int i = 0; i < kLanes; ++i) {
      const std::uint64_t index = first + group * kLanes + std::uint64_t(i);
      c0[i] = std::uint32_t(index);
      c1[i] = std::uint32_t(index >> 32);
      c2[i] = std::uint32_t(stream);
      c3[i] = std::uint32_t(stream >> 32);
    }
    std::uint32_t k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      for (int i = 0; i < kLanes; ++i) {
        const std::uint64_t product0 = std::uint64_t(0xd2511f53u) * c0[i];
        const std::uint64_t product1 = std::uint64_t(0xcd9e8d57u) * c2[i];
        c0[i] = std::uint32_t(product1 >> 32) ^ c1[i] ^ k0;
        c1[i] = std::uint32_t(product1);
        c2[i] = std::uint32_t(product0 >> 32) ^ c3[i] ^ k1;
        c3[i] = std::uint32_t(product0);
      }
      k0 += 0x9e3779b9u;
      k1 += 0xbb67ae85u;
    }
    for (int i = 0; i < kLanes; ++i) {
      out[4 * i] = c0[i];
      out[4 * i + 1] = c1[i];
      out[4 * i + 2] = c2[i];
      out[4 * i + 3] = c3[i];
    }
  }
}

inline double probability(std::uint32_t word) { return (word + 0.5) * 0x1p-32; }

// From the constant term up: AS 241, as in src/normalQuantile.ts.
constexpr double kMiddleNumerator[8] = {
    3.387132872796366608,  133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
    45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727};
constexpr double kMiddleDenominator[8] = {1.0,
                                          42.313330701600911252,
                                          687.1870074920579083,
                                          5394.1960214247511077,
                                          21213.794301586595867,
                                          39307.89580009271061,
                                          28729.085735721942674,
                                          5226.495278852854561};

constexpr double kOuterNumerator[8] = {1.42343711074968357734,   4.6303378461565452959,
                                       5.7694972214606914055,    3.64784832476320460504,
                                       1.27045825245236838258,   0.24178072517745061177,
                                       0.0227238449892691845833, 7.7454501427834140764e-4};
constexpr double kOuterDenominator[8] = {1.0,
                                         2.05319162663775882187,
                                         1.6763848301838038494,
                                         0.68976733498510000455,
                                         0.14810397642748007459,
                                         0.0151986665636164571966,
                                         5.475938084995344946e-4,
                                         1.05075007164441684324e-9};

inline double polynomial(const double (&c)[8], double x) {
  return ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x +
         c[0];
}

void middle_quantiles(const std::uint32_t* words, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const double q = probability(words[i]) - 0.5;
    const double r = 0.180625 - q * q;
    out[i] = float((q * polynomial(kMiddleNumerator, r)) / polynomial(kMiddleDenominator, r));
  }
}

// log x of a normal double: the operations of naturalLog in src/normalQuantile.ts, one for one. The
// C library's own differs in the last bit from one system to the next.
inline double natural_log(double x) {
  std::uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const std::uint64_t significand = (bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull;
  double mantissa;
  __builtin_memcpy(&mantissa, &significand, sizeof mantissa);
  const bool high = mantissa > 1.4142135623730951;
  mantissa = high ? mantissa * 0.5 : mantissa;
  const double exponent = double(int(bits >> 52) - (high ? 1022 : 1023));
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double series = 0;
#pragma GCC unroll 13
  for (int k = 12; k >= 0; --k) series = series * square + 1.0 / (2 * k + 1);
  return exponent * 0.6931471805599453 + 2 * s * series;
}

// A word's p is at least 2^-33, so that r stays below 5, where AS 241's third formula begins.
void outer_quantiles(const std::uint32_t* words, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const double p = probability(words[i]);
    const bool lower = p < 0.5;
    const double r = __builtin_sqrt(-natural_log(lower ? p : 1 - p)) - 1.6;
    const double z = polynomial(kOuterNumerator, r) / polynomial(kOuterDenominator, r);
    out[i] = float(lower ? -z : z);
  }
}

}  // namespace

const PhiloxKernels philox_kernels = {words, middle_quantiles, outer_quantiles};

}  // namespace pushforward::PF_PATH
