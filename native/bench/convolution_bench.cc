// The speed of convolutions and their gradients as shares of the machine's own multiply-add peak,
// measured beside them in the same rounds. Counted are two operations for each tap, pair of
// channels and output pixel, taps beside the image among them: Winograd's algorithm, which takes
// fewer, may go beyond the peak.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "rounds.h"
#include "tensor_convolution.h"

namespace pushforward::bench {
namespace {

struct Layer {
  const char* name;
  std::size_t batch, in, in_channels, out, out_channels, filter, stride, before;
};

// Those of a DCGAN and of a convolutional autoencoder of 28 x 28 pixels, and residual ones.
constexpr Layer kLayers[] = {
    {"28x28x1 k4 s2 64", 64, 28, 1, 14, 64, 4, 2, 1},
    {"14x14x64 k4 s2 128", 64, 14, 64, 7, 128, 4, 2, 1},
    {"28x28x1 k5 s2 64", 64, 28, 1, 14, 64, 5, 2, 1},
    {"14x14x64 k5 s2 128", 64, 14, 64, 7, 128, 5, 2, 1},
    {"28x28x1 k4 s2 32", 64, 28, 1, 14, 32, 4, 2, 1},
    {"14x14x32 k4 s2 64", 64, 14, 32, 7, 64, 4, 2, 1},
    {"28x28x16 k3 s1 16", 64, 28, 16, 28, 16, 3, 1, 1},
    {"14x14x64 k3 s1 64", 64, 14, 64, 14, 64, 3, 1, 1},
    {"32x32x32 k3 s1 32", 16, 32, 32, 32, 32, 3, 1, 1},
    {"16x16x128 k3 s1 128", 16, 16, 128, 16, 128, 3, 1, 1},
    {"28x28x32 k3 s1 1", 64, 28, 32, 28, 1, 3, 1, 1},
    {"32x32x3 k3 s1 32", 64, 32, 3, 32, 32, 3, 1, 1},
    {"16x16x48 k1 s1 48", 64, 16, 48, 16, 48, 1, 1, 0},
};

void measure(const Layer& layer, int threads) {
  const ConvolutionAxis axis{layer.in, layer.out, layer.filter, layer.stride, 1, layer.before};
  const Convolution shape{layer.batch, layer.in_channels, layer.out_channels, axis, axis};
  const std::vector<float> x = normals(layer.batch * layer.in * layer.in * layer.in_channels);
  const std::vector<float> dy = normals(layer.batch * layer.out * layer.out * layer.out_channels);
  const std::vector<float> filter =
      normals(layer.filter * layer.filter * layer.in_channels * layer.out_channels);
  std::vector<float> y(dy.size()), dx(x.size()), d_filter(filter.size());
  const std::vector<std::function<void()>> calls{
      [&] { tensor_convolution(shape, x.data(), filter.data(), {}, y.data()); },
      [&] { tensor_convolution_input_gradient(shape, dy.data(), filter.data(), dx.data()); },
      [&] { tensor_convolution_filter_gradient(shape, x.data(), dy.data(), d_filter.data()); }};
  const double operations =
      2.0 * double(layer.batch) * double(layer.out * layer.out) * double(filter.size());
  const int repeats = std::max(1, int(2e8 / operations));
  const auto [peak, seconds] = measure_rounds(threads, repeats, calls);
  std::printf("%-9s %-20s %3zu %7d %9.1f", simd_level_name(simd_level()), layer.name, layer.batch,
              threads, peak / 1e9);
  for (const double time : seconds) {
    std::printf(" %8.3f %6.1f%%", 1e3 * time, 100.0 * operations / time / peak);
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace pushforward::bench

// On request: the number of threads (0, as without it: one, then all) and the path (without it the
// widest one, `all` for each).
int main(int count, char** arguments) {
  using namespace pushforward;
  const int threads = count > 1 ? std::atoi(arguments[1]) : 0;
  const std::string path = count > 2 ? arguments[2] : simd_level_name(simd_level());
  std::printf("%-9s %-20s %3s %7s %9s %8s %7s %8s %7s %8s %7s\n", "path", "layer", "n", "threads",
              "peak GF/s", "y ms", "", "dx ms", "", "filter", "");
  bench::on_each_path([&] {
    if (path != "all" && path != simd_level_name(simd_level())) return;
    for (const bench::Layer& layer : bench::kLayers) {
      if (threads > 0) {
        set_thread_count(threads);
        bench::measure(layer, threads);
      } else {
        bench::on_one_and_all_cores([&](int count) { bench::measure(layer, count); });
      }
    }
  });
  return 0;
}
