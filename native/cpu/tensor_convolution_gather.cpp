#include <algorithm>

#include "pushforward/threads.h"
#include "tensor_convolution_plan.h"

namespace pushforward {
namespace {

// Pixels of a strip: results and sources stay in the second-level cache.
constexpr std::size_t kStripPixels = 192;

// The target pixels of two lattices, and the filter's part that leads to them.
struct Phase {
  const WindowLattice* rows;
  const WindowLattice* columns;
  std::vector<WindowBlock> blocks;
  std::size_t steps;
  std::size_t packed;  // where its filter begins
};

class Gather {
 public:
  Gather(const WindowSource& source, const FilterView& filter)
      : kernels_(PF_KERNELS(convolution_kernels)),
        source_(source),
        filter_(filter),
        panels_(panels_of(kernels_, filter.target_channels)) {
    const std::size_t most_steps = kPanelFloats / (panels_[0].vectors * kernels_.width);
    for (const WindowPanel& panel : panels_) width_ += panel.vectors * kernels_.width;
    std::size_t floats = 0;
    for (const WindowLattice& rows : source.rows().lattices) {
      for (const WindowLattice& columns : source.columns().lattices) {
        const std::size_t steps = rows.taps.size() * columns.taps.size() * filter.source_channels;
        phases_.push_back({&rows, &columns, blocks_of_runs(source.runs(rows, columns), most_steps),
                           steps, floats});
        floats += steps * width_;
      }
    }
    packed_floats_ = floats;
  }

  void run(std::size_t batch, const float* from, const ConvolutionFinish& finish, float* target) {
    static thread_local Scratch own_packed;
    Scratch& packed = own_packed;  // a task's `own_packed` would be its thread's
    packed.reserve(packed_floats_);
    const std::size_t rows = source_.rows().places, columns = source_.columns().places;
    const std::size_t pixels = batch * rows * columns;
    const int slots = packed_floats_ * pixels < kParallelProducts ? 1 : thread_count();
    parallel_for(phases_.size() * panels_.size(), slots, [&](std::size_t index, int) {
      pack(phases_[index / panels_.size()], panels_[index % panels_.size()], packed.data());
    });
    const std::size_t shared = pixels / (4 * static_cast<std::size_t>(slots));
    const WindowStrips strips(batch, rows, columns,
                              slots == 1 ? kStripPixels : std::min(kStripPixels, shared));
    parallel_for(strips.count(), slots, [&](std::size_t index, int) {
      compute(strips[index], from, packed.data(), finish, target);
    });
  }

 private:
  void pack(const Phase& phase, const WindowPanel& panel, float* packed) const {
    const std::size_t room = panel.vectors * kernels_.width;
    float* to = packed + phase.packed + phase.steps * panel.column;
    for (const WindowTap& row : phase.rows->taps) {
      for (const WindowTap& column : phase.columns->taps) {
        const float* const tap =
            filter_.data + (row.tap * filter_.width + column.tap) * filter_.tap_step;
        kernels_.pack(tap, filter_.source_step, filter_.target_step, filter_.source_channels, panel,
                      to);
        to += filter_.source_channels * room;
      }
    }
  }

  void compute(const WindowStrip& strip, const float* from, const float* packed,
               const ConvolutionFinish& finish, float* target) const {
    static thread_local Scratch laid;
    static thread_local std::vector<std::size_t> a_offsets, c_offsets;
    WindowProduct product;
    product.a = source_.lay(from, strip, laid);
    product.a_step = 1;
    product.c = target;
    product.finish = finish;
    for (const Phase& phase : phases_) {
      a_offsets.clear();
      c_offsets.clear();
      source_.list(strip, *phase.rows, *phase.columns, a_offsets, c_offsets);
      for (std::size_t& offset : c_offsets) offset *= filter_.target_channels;
      product.a_offsets = a_offsets.data();
      product.c_offsets = c_offsets.data();
      product.rows = a_offsets.size();
      for (const WindowBlock& block : phase.blocks) {
        product.first = block.start == 0;
        product.last = block.start + block.steps == phase.steps;
        product.runs = block.runs.data();
        product.run_count = block.runs.size();
        for (const WindowPanel& panel : panels_) {
          product.panel = panel;
          product.b = packed + phase.packed + phase.steps * panel.column +
                      block.start * panel.vectors * kernels_.width;
          kernels_.multiply(product);
        }
      }
    }
  }

  const ConvolutionKernels& kernels_;
  const WindowSource& source_;
  const FilterView& filter_;
  std::vector<WindowPanel> panels_;
  std::size_t width_ = 0;  // numbers of a packed row
  std::vector<Phase> phases_;
  std::size_t packed_floats_ = 0;
};

}  // namespace

void gather_windows(const WindowSource& source, const FilterView& filter, std::size_t batch,
                    const float* from, const ConvolutionFinish& finish, float* target) {
  Gather(source, filter).run(batch, from, finish, target);
}

}  // namespace pushforward
