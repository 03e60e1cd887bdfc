// How the two sides of a convolution meet. The target is the side whose pixels are computed, the
// source the one they are computed from: outputs from inputs in a convolution, inputs from outputs
// in its gradient.
#pragma once

#include <cstddef>
#include <vector>

#include "pushforward/memory.h"
#include "tensor_convolution.h"
#include "tensor_convolution_kernels.h"

namespace pushforward {

// Target place q of a lattice meets source place q · source_step + offset by this tap of the
// filter.
struct WindowTap {
  std::size_t tap;
  std::ptrdiff_t offset;
};

// The target places first + q · step for q < count, which the same taps lead to: their number, q,
// is what is called a place below.
struct WindowLattice {
  std::size_t first, step, count;
  std::vector<WindowTap> taps;  // by rising offset, and only those that lead anywhere
};

// One axis. Outputs are one lattice; inputs are as many as the stride, each with taps of its own.
struct WindowAxis {
  std::size_t source, target, source_step;
  std::size_t places;          // of the longest lattice
  std::ptrdiff_t least, most;  // offset
  std::vector<WindowLattice> lattices;

  // Source places from the first to the last that `count` places in a row look at.
  std::size_t span(std::size_t count) const {
    return (count - 1) * source_step + static_cast<std::size_t>(most - least) + 1;
  }
};

WindowAxis windows_of_outputs(const ConvolutionAxis& axis);
WindowAxis windows_of_inputs(const ConvolutionAxis& axis);

// Places along the vertical axis, of whole images or of one image's part.
struct WindowStrip {
  std::size_t image, images, row, rows;
};

// All places of a batch cut into strips of one size, but for the last ones.
class WindowStrips {
 public:
  // Strips of about `pixels` places.
  WindowStrips(std::size_t batch, std::size_t rows, std::size_t columns, std::size_t pixels);

  std::size_t count() const { return count_; }
  WindowStrip operator[](std::size_t index) const;
  // The most images and rows of a strip.
  std::size_t images() const { return images_; }
  std::size_t rows() const { return rows_; }

 private:
  std::size_t batch_, all_rows_, images_, rows_, per_image_, count_;
};

// The numbers of a pixel: `channels`, laid out `repeats` times each, side by side, and `pitch`
// floats from one pixel to the next.
struct WindowPixel {
  std::size_t channels, pitch, repeats;

  bool is_as_it_stands() const { return pitch == channels && repeats == 1; }
};

// The source images of a strip with a float at every place that a tap looks at: zeros stand where
// there is no pixel. Where no tap leaves the images, and pixels are as they stand, that is the
// images themselves.
class WindowSource {
 public:
  WindowSource(WindowAxis rows, WindowAxis columns, const WindowPixel& pixel);

  const WindowAxis& rows() const { return rows_; }
  const WindowAxis& columns() const { return columns_; }

  // Where the strip begins: in `images`, all of the source, or in `laid`, where it is written then.
  const float* lay(const float* images, const WindowStrip& strip, Scratch& laid) const;

  // From one to the next place along a row, one row and one image of what `lay` gives.
  std::size_t pixel_step() const { return columns_.source_step * pixel_.pitch; }
  std::size_t row_step() const { return rows_.source_step * line_; }
  std::size_t image_step(const WindowStrip& strip) const;

  // Where the taps of a place of these lattices lie, from its own start.
  std::vector<std::size_t> taps(const WindowLattice& rows, const WindowLattice& columns) const;
  // The runs of floats that they are: one after the other [taps of the rows][of the
  // columns][channels].
  std::vector<WindowRun> runs(const WindowLattice& rows, const WindowLattice& columns) const;

  // Adds for each place of a strip in these lattices where it begins in what is laid, and its pixel
  // among those of all target images.
  void list(const WindowStrip& strip, const WindowLattice& rows, const WindowLattice& columns,
            std::vector<std::size_t>& starts, std::vector<std::size_t>& pixels) const;

 private:
  void write(const float* images, const WindowStrip& strip, float* to) const;

  WindowAxis rows_, columns_;
  WindowPixel pixel_;
  std::size_t line_;  // floats of one row of what `lay` gives
  bool inside_;
};

// The runs cut so that they make up blocks of the same number of floats, at most `most`. An empty
// list is one empty block.
struct WindowBlock {
  std::size_t start, steps;  // counted over all runs
  std::vector<WindowRun> runs;
};
std::vector<WindowBlock> blocks_of_runs(const std::vector<WindowRun>& runs, std::size_t most);

}  // namespace pushforward
