#include "pushforward/philox.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "pushforward/threads.h"

namespace pushforward {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Ten rounds on the counter (index, stream) under the key `seed`.
Block philox_block(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  Block c{std::uint32_t(index), std::uint32_t(index >> 32), std::uint32_t(stream),
          std::uint32_t(stream >> 32)};
  std::uint32_t k0 = std::uint32_t(seed), k1 = std::uint32_t(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t(0xd2511f53u) * c[0];
    const std::uint64_t product1 = std::uint64_t(0xcd9e8d57u) * c[2];
    c = {std::uint32_t(product1 >> 32) ^ c[1] ^ k0, std::uint32_t(product1),
         std::uint32_t(product0 >> 32) ^ c[3] ^ k1, std::uint32_t(product0)};
    k0 += 0x9e3779b9u;
    k1 += 0xbb67ae85u;
  }
  return c;
}

using Coefficients = std::array<double, 8>;

double polynomial(const Coefficients& c, double x) {
  double sum = c[7];
  for (int k = 6; k >= 0; --k) sum = sum * x + c[std::size_t(k)];
  return sum;
}

// log x of a normal double: the operations of naturalLog in src/random.ts, one for one. The C
// library's own differs in the last bit from one system to the next.
double natural_log(double x) {
  static const std::array<double, 13> reciprocals = [] {
    std::array<double, 13> odd{};
    for (int k = 0; k < 13; ++k) odd[std::size_t(k)] = 1.0 / (2 * k + 1);
    return odd;
  }();
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  int exponent = int(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffull) | 0x3ff0000000000000ull;
  double mantissa;
  std::memcpy(&mantissa, &bits, sizeof mantissa);
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2;
    exponent += 1;
  }
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double series = 0;
  for (int k = 12; k >= 0; --k) series = series * square + reciprocals[std::size_t(k)];
  return exponent * 0.6931471805599453 + 2 * s * series;
}

// Quantile of N(0, 1): AS 241 as in src/random.ts, whose coefficients these are.
double normal_quantile(double p) {
  static constexpr Coefficients kCentreNumerator{
      3.387132872796366608,  133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727};
  static constexpr Coefficients kCentreDenominator{1.0,
                                                   42.313330701600911252,
                                                   687.1870074920579083,
                                                   5394.1960214247511077,
                                                   21213.794301586595867,
                                                   39307.89580009271061,
                                                   28729.085735721942674,
                                                   5226.495278852854561};
  static constexpr Coefficients kMiddleNumerator{
      1.42343711074968357734,   4.6303378461565452959,   5.7694972214606914055,
      3.64784832476320460504,   1.27045825245236838258,  0.24178072517745061177,
      0.0227238449892691845833, 7.7454501427834140764e-4};
  static constexpr Coefficients kMiddleDenominator{1.0,
                                                   2.05319162663775882187,
                                                   1.6763848301838038494,
                                                   0.68976733498510000455,
                                                   0.14810397642748007459,
                                                   0.0151986665636164571966,
                                                   5.475938084995344946e-4,
                                                   1.05075007164441684324e-9};
  static constexpr Coefficients kTailNumerator{
      6.6579046435011037772,     5.4637849111641143699,    1.7848265399172913358,
      0.29656057182850489123,    0.026532189526576123093,  0.0012426609473880784386,
      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr Coefficients kTailDenominator{1.0,
                                                 0.59983220655588793769,
                                                 0.13692988092273580531,
                                                 0.0148753612908506148525,
                                                 7.868691311456132591e-4,
                                                 1.8463183175100546818e-5,
                                                 1.4215117583164458887e-7,
                                                 2.04426310338993978564e-15};
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return (q * polynomial(kCentreNumerator, r)) / polynomial(kCentreDenominator, r);
  }
  const double r = std::sqrt(-natural_log(q < 0 ? p : 1 - p));
  const double z =
      r <= 5 ? polynomial(kMiddleNumerator, r - 1.6) / polynomial(kMiddleDenominator, r - 1.6)
             : polynomial(kTailNumerator, r - 5) / polynomial(kTailDenominator, r - 5);
  return q < 0 ? -z : z;
}

template <typename FromWord>
void fill(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
          std::uint64_t offset, FromWord from_word) {
  constexpr std::size_t kPart = 8192;
  parallel_for((count + kPart - 1) / kPart, [&](std::size_t part, int) {
    const std::size_t end = std::min(count, (part + 1) * kPart);
    std::size_t i = part * kPart;
    while (i < end) {
      const std::uint64_t position = offset + i;
      const Block block = philox_block(seed, stream, position / 4);
      for (std::size_t lane = position % 4; lane < 4 && i < end; ++lane) {
        out[i++] = from_word(block[lane]);
      }
    }
  });
}

}  // namespace

void philox_uniform(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                    std::uint64_t offset) {
  fill(out, count, seed, stream, offset, [](std::uint32_t word) {
    return (float(word >> 9) + 0.5f) * 0x1p-23f;  // each step is exact
  });
}

void philox_normal(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                   std::uint64_t offset) {
  fill(out, count, seed, stream, offset,
       [](std::uint32_t word) { return float(normal_quantile((word + 0.5) * 0x1p-32)); });
}

}  // namespace pushforward
