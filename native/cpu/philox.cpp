#include "pushforward/philox.h"

#include <algorithm>
#include <cmath>

#include "philox_kernels.h"
#include "pushforward/threads.h"

namespace pushforward {
namespace {

// Numbers are made in parts of this many, so that a part's words stay in cache between the steps.
constexpr std::size_t kPart = 4096;

// Words of the stream from number `offset` on, turned into floats by convert(words, out, count).
template <typename Convert>
void fill(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
          std::uint64_t offset, Convert convert) {
  parallel_for((count + kPart - 1) / kPart, [&](std::size_t part, int) {
    alignas(64) std::uint32_t words[kPart + 2 * kPhiloxGroup];
    const std::size_t begin = part * kPart, length = std::min(kPart, count - begin);
    const std::uint64_t position = offset + begin;
    const std::size_t skipped = position % 4;
    const std::size_t groups = (skipped + length + kPhiloxGroup - 1) / kPhiloxGroup;
    PF_KERNELS(philox_kernels).words(seed, stream, position / 4, groups, words);
    convert(words + skipped, out + begin, length);
  });
}

}  // namespace

void philox_uniform(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                    std::uint64_t offset) {
  fill(out, count, seed, stream, offset,
       [](const std::uint32_t* words, float* part, std::size_t length) {
         for (std::size_t i = 0; i < length; ++i) {
           part[i] = (float(words[i] >> 9) + 0.5f) * 0x1p-23f;  // each step is exact
         }
       });
}

void philox_normal(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                   std::uint64_t offset) {
  fill(out, count, seed, stream, offset,
       [](const std::uint32_t* words, float* part, std::size_t length) {
         const PhiloxKernels& kernels = PF_KERNELS(philox_kernels);
         kernels.middle_quantiles(words, part, length);
         // The others are some 15 %: gathered without a branch, so that they too are done at once.
         std::uint16_t places[kPart];
         std::uint32_t outer_words[kPart];
         float outer[kPart];
         std::size_t count = 0;
         for (std::size_t i = 0; i < length; ++i) {
           places[count] = std::uint16_t(i);
           outer_words[count] = words[i];
           count += std::abs((words[i] + 0.5) * 0x1p-32 - 0.5) > 0.425;
         }
         kernels.outer_quantiles(outer_words, outer, count);
         for (std::size_t k = 0; k < count; ++k) part[places[k]] = outer[k];
       });
}

}  // namespace pushforward
