from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from .models import Note


class NoteForm(forms.ModelForm):
    class Meta:
        model = Note
        fields = ['title', 'text', 'file']


def notes(request):
    form = NoteForm(request.POST or None, request.FILES or None)
    if request.method == 'POST' and form.is_valid():
        made = form.save()
        messages.success(request, f'“{made}” is kept.')
        request.session['kept'] = request.session.get('kept', 0) + 1
        return redirect('notes:note', pk=made.pk)
    page = {'form': form, 'notes': Note.objects.all()[:50], 'kept': request.session.get('kept', 0)}
    return render(request, 'notes/notes.html', page, status=422 if form.is_bound else 200)


def note(request, pk):
    return render(request, 'notes/note.html', {'note': get_object_or_404(Note, pk=pk)})


def file(request, pk):
    """Sent by the server: its bytes do not go through Python."""
    found = get_object_or_404(Note, pk=pk)
    if not found.file:
        raise Http404
    return FileResponse(found.file.open('rb'), as_attachment=True, filename=found.file.name.rpartition('/')[2])


def as_text(request):
    """Note by note, as they come from the database."""
    lines = (f'{note.title}\n{note.text}\n\n' for note in Note.objects.order_by('id').iterator())
    return StreamingHttpResponse(lines, content_type='text/plain; charset=utf-8')
