// Philox 4x32-10 (Salmon et al. 2011), the same bits as src/random.ts, where the mapping is said.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pushforward {

// Numbers offset, offset + 1, ... of stream (seed, stream).
void philox_uniform(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                    std::uint64_t offset);
void philox_normal(float* out, std::size_t count, std::uint64_t seed, std::uint64_t stream,
                   std::uint64_t offset);

}  // namespace pushforward
