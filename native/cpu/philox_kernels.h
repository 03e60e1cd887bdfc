// The parts of drawing random numbers that are done for many at once.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pushforward/dispatch.h"

namespace pushforward {

// Words that are made together: those of 16 counters.
constexpr std::size_t kPhiloxGroup = 64;

struct PhiloxKernels {
  // Words of the counters (first, stream), (first + 1, stream), ... under the key `seed`, four a
  // counter: groups * kPhiloxGroup of them.
  void (*words)(std::uint64_t seed, std::uint64_t stream, std::uint64_t first, std::size_t groups,
                std::uint32_t* out);
  // Quantiles of N(0, 1) of p = (word + 1/2) / 2^32, rounded to float32, by the two formulas of
  // AS 241 (Wichura 1988) that a word can need: for p from 0.075 to 0.925, and for p outside. Of
  // another p they give some number.
  void (*middle_quantiles)(const std::uint32_t* words, float* out, std::size_t count);
  void (*outer_quantiles)(const std::uint32_t* words, float* out, std::size_t count);
};

PF_DECLARE_KERNELS(PhiloxKernels, philox_kernels)

}  // namespace pushforward
