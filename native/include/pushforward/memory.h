// Scratch memory that is aligned for the widest vectors.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pushforward {

constexpr std::size_t kAlignment = 64;

// Memory of several of these is asked for in such pages: it is gone through from end to end, and at
// each page of the usual size the processor stops to fetch ahead.
constexpr std::size_t kHugePage = std::size_t(1) << 21;

// Floats that grow on demand and keep no contents when they do.
class Scratch {
 public:
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

  void reserve(std::size_t floats) {
    if (floats <= size_) return;
    data_.reset();
    size_ = 0;
    const std::size_t bytes = floats * sizeof(float);
    data_ = allocate(bytes, bytes < 2 * kHugePage ? kAlignment : kHugePage);
    size_ = floats;
  }

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(float* p) const { ::operator delete(p, alignment); }
  };
  using Memory = std::unique_ptr<float, Free>;

  static Memory allocate(std::size_t bytes, std::size_t alignment) {
    const Free free{std::align_val_t{alignment}};
    Memory memory(static_cast<float*>(::operator new(bytes, free.alignment)), free);
#if defined(__linux__)
    // A wish: without such pages everything works as before.
    if (alignment == kHugePage) madvise(memory.get(), bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
    return memory;
  }

  Memory data_{nullptr, Free{std::align_val_t{kAlignment}}};
  std::size_t size_ = 0;
};

}  // namespace pushforward
