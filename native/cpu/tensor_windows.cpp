#include "tensor_windows.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pushforward {
namespace {

using Place = std::ptrdiff_t;

Place signed_of(std::size_t value) { return static_cast<Place>(value); }

// Whether any of the places q < count has a source at q · step + offset.
bool leads_somewhere(Place offset, std::size_t step, std::size_t count, std::size_t source) {
  const Place stride = signed_of(step);
  const Place first = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  return first < signed_of(count) && first * stride + offset < signed_of(source);
}

void measure(WindowAxis& axis) {
  axis.places = 0;
  bool found = false;
  axis.least = axis.most = 0;
  for (const WindowLattice& lattice : axis.lattices) {
    axis.places = std::max(axis.places, lattice.count);
    for (const WindowTap& tap : lattice.taps) {
      axis.least = found ? std::min(axis.least, tap.offset) : tap.offset;
      axis.most = found ? std::max(axis.most, tap.offset) : tap.offset;
      found = true;
    }
  }
}

bool stays_inside(const WindowAxis& axis) {
  return axis.least >= 0 &&
         signed_of((axis.places - 1) * axis.source_step) + axis.most < signed_of(axis.source);
}

void copy_pixels(const float* from, std::size_t pixels, const WindowPixel& pixel, float* to) {
  if (pixel.is_as_it_stands()) {
    std::memcpy(to, from, pixels * pixel.channels * sizeof(float));
    return;
  }
  for (std::size_t i = 0; i < pixels; ++i, from += pixel.channels, to += pixel.pitch) {
    if (pixel.repeats == 1) {
      std::memcpy(to, from, pixel.channels * sizeof(float));
      continue;
    }
    for (std::size_t c = 0, place = 0; c < pixel.channels; ++c) {
      for (std::size_t r = 0; r < pixel.repeats; ++r) to[place++] = from[c];
    }
  }
}

}  // namespace

WindowAxis windows_of_outputs(const ConvolutionAxis& axis) {
  WindowAxis result{axis.in, axis.out, axis.stride, 0, 0, 0, {}};
  WindowLattice all{0, 1, axis.out, {}};
  for (std::size_t tap = 0; tap < axis.filter; ++tap) {
    const Place offset = signed_of(tap * axis.dilation) - signed_of(axis.before);
    if (leads_somewhere(offset, axis.stride, axis.out, axis.in)) all.taps.push_back({tap, offset});
  }
  result.lattices.push_back(std::move(all));
  measure(result);
  return result;
}

WindowAxis windows_of_inputs(const ConvolutionAxis& axis) {
  WindowAxis result{axis.out, axis.in, 1, 0, 0, 0, {}};
  const Place stride = signed_of(axis.stride);
  for (std::size_t first = 0; first < std::min(axis.stride, axis.in); ++first) {
    WindowLattice lattice{
        first, axis.stride, (axis.in - first + axis.stride - 1) / axis.stride, {}};
    for (std::size_t tap = axis.filter; tap-- > 0;) {
      const Place distance = signed_of(first + axis.before) - signed_of(tap * axis.dilation);
      if (distance % stride != 0) continue;
      const Place offset = distance / stride;
      if (leads_somewhere(offset, 1, lattice.count, axis.out))
        lattice.taps.push_back({tap, offset});
    }
    result.lattices.push_back(std::move(lattice));
  }
  measure(result);
  return result;
}

WindowStrips::WindowStrips(std::size_t batch, std::size_t rows, std::size_t columns,
                           std::size_t pixels)
    : batch_(batch), all_rows_(rows) {
  const std::size_t wanted = std::max<std::size_t>(1, pixels / columns);
  if (wanted >= rows) {
    images_ = std::min(batch, wanted / rows);
    rows_ = rows;
    per_image_ = 1;
    count_ = (batch + images_ - 1) / images_;
  } else {
    // Parts of about the same size: 14 rows are 7 and 7, not 12 and 2.
    const std::size_t parts = (rows + wanted - 1) / wanted;
    images_ = 1;
    rows_ = (rows + parts - 1) / parts;
    per_image_ = (rows + rows_ - 1) / rows_;
    count_ = batch * per_image_;
  }
}

WindowStrip WindowStrips::operator[](std::size_t index) const {
  const std::size_t image = index / per_image_ * images_;
  const std::size_t row = index % per_image_ * rows_;
  return {image, std::min(images_, batch_ - image), row, std::min(rows_, all_rows_ - row)};
}

WindowSource::WindowSource(WindowAxis rows, WindowAxis columns, const WindowPixel& pixel)
    : rows_(std::move(rows)), columns_(std::move(columns)), pixel_(pixel) {
  inside_ = pixel.is_as_it_stands() && stays_inside(rows_) && stays_inside(columns_);
  line_ = (inside_ ? columns_.source : columns_.span(columns_.places)) * pixel_.pitch;
}

std::size_t WindowSource::image_step(const WindowStrip& strip) const {
  return (inside_ ? rows_.source : rows_.span(strip.rows)) * line_;
}

const float* WindowSource::lay(const float* images, const WindowStrip& strip, Scratch& laid) const {
  if (inside_) return images + strip.image * rows_.source * line_ + strip.row * row_step();
  laid.reserve(strip.images * rows_.span(strip.rows) * line_);
  write(images, strip, laid.data());
  return laid.data();
}

void WindowSource::write(const float* images, const WindowStrip& strip, float* to) const {
  const std::size_t image = rows_.source * columns_.source * pixel_.channels;
  const float* const from = images + strip.image * image;
  const std::size_t lines = rows_.span(strip.rows);
  const Place top = signed_of(strip.row * rows_.source_step) + rows_.least;
  // Of a line: zeros, pixels from `begin`, zeros.
  const Place first = columns_.least;
  const std::size_t line_pixels = line_ / pixel_.pitch;
  const std::size_t left = static_cast<std::size_t>(std::max<Place>(0, -first));
  const std::size_t begin = static_cast<std::size_t>(std::max<Place>(0, first));
  const std::size_t before = std::min(left, line_pixels);
  const std::size_t pixels =
      begin < columns_.source ? std::min(columns_.source - begin, line_pixels - before) : 0;
  const std::size_t after = line_pixels - before - pixels;
  float* out = to;
  for (std::size_t i = 0; i < strip.images; ++i) {
    for (std::size_t l = 0; l < lines; ++l, out += line_) {
      const Place row = top + signed_of(l);
      if (row < 0 || row >= signed_of(rows_.source)) {
        std::memset(out, 0, line_ * sizeof(float));
        continue;
      }
      const float* const line =
          from + i * image +
          (static_cast<std::size_t>(row) * columns_.source + begin) * pixel_.channels;
      std::memset(out, 0, before * pixel_.pitch * sizeof(float));
      copy_pixels(line, pixels, pixel_, out + before * pixel_.pitch);
      std::memset(out + (before + pixels) * pixel_.pitch, 0, after * pixel_.pitch * sizeof(float));
    }
  }
}

std::vector<std::size_t> WindowSource::taps(const WindowLattice& rows,
                                            const WindowLattice& columns) const {
  const Place row_origin = inside_ ? 0 : rows_.least, column_origin = inside_ ? 0 : columns_.least;
  std::vector<std::size_t> result;
  for (const WindowTap& row : rows.taps) {
    for (const WindowTap& column : columns.taps) {
      result.push_back(static_cast<std::size_t>(row.offset - row_origin) * line_ +
                       static_cast<std::size_t>(column.offset - column_origin) * pixel_.pitch);
    }
  }
  return result;
}

std::vector<WindowRun> WindowSource::runs(const WindowLattice& rows,
                                          const WindowLattice& columns) const {
  std::vector<WindowRun> result;
  for (const std::size_t offset : taps(rows, columns)) {
    if (!result.empty() && result.back().offset + result.back().count == offset) {
      result.back().count += pixel_.channels;
    } else {
      result.push_back({offset, pixel_.channels});
    }
  }
  return result;
}

void WindowSource::list(const WindowStrip& strip, const WindowLattice& rows,
                        const WindowLattice& columns, std::vector<std::size_t>& starts,
                        std::vector<std::size_t>& pixels) const {
  const std::size_t end = std::min(strip.row + strip.rows, rows.count);
  for (std::size_t i = 0; i < strip.images; ++i) {
    for (std::size_t row = strip.row; row < end; ++row) {
      const std::size_t start = i * image_step(strip) + (row - strip.row) * row_step();
      const std::size_t line = (strip.image + i) * rows_.target + rows.first + row * rows.step;
      const std::size_t first = line * columns_.target + columns.first;
      for (std::size_t column = 0; column < columns.count; ++column) {
        starts.push_back(start + column * pixel_step());
        pixels.push_back(first + column * columns.step);
      }
    }
  }
}

std::vector<WindowBlock> blocks_of_runs(const std::vector<WindowRun>& runs, std::size_t most) {
  std::size_t all = 0;
  for (const WindowRun& run : runs) all += run.count;
  const std::size_t count = std::max<std::size_t>(1, (all + most - 1) / most);
  const std::size_t steps = (all + count - 1) / count;
  std::vector<WindowBlock> blocks{{0, 0, {}}};
  for (WindowRun run : runs) {
    while (run.count > 0) {
      if (blocks.back().steps == steps) blocks.push_back({blocks.back().start + steps, 0, {}});
      WindowBlock& block = blocks.back();
      const std::size_t part = std::min(run.count, steps - block.steps);
      block.runs.push_back({run.offset, part});
      block.steps += part;
      run.offset += part;
      run.count -= part;
    }
  }
  return blocks;
}

}  // namespace pushforward
